// Private: what the per-ISA files define, and kernels.cc collects into tables.
#pragma once

#include "kernels/kernel_table.h"

namespace podium::kernels {

// c[r][j] = sum over p < k of a[p * a_stride + r] * b[p * b_stride + j], for r < rows and
// j < columns, p ascending; with `accumulate` the sum starts from c[r][j] instead of 0.
struct GemmTile {
  const float* a = nullptr;
  size_t a_stride = 0;
  const float* b = nullptr;  // whole vectors are read: padded to a panel
  size_t b_stride = 0;
  size_t k = 0;
  size_t rows = 0;
  size_t columns = 0;
  float* c = nullptr;
  size_t ldc = 0;
  bool accumulate = false;
  // What will be read next: at each p one line is asked for, prefetch_step floats further on.
  const float* prefetch = nullptr;
  size_t prefetch_step = 0;
};

// c[r][j] = activation(c[r][j] + bias[j]) + residual[r][j]
struct GemmFinish {
  float* c = nullptr;
  size_t ldc = 0;
  size_t rows = 0;
  size_t columns = 0;
  const float* bias = nullptr;      // of the first column, or null
  const float* residual = nullptr;  // of c's first element, row stride ldc, or null
  Activation activation = Activation::kNone;
};

// The innermost part of a GEMM for one ISA; gemm_f32.cc puts the loops around it.
struct GemmMicroF32 {
  size_t tile_rows;      // most rows of a tile
  size_t panel_columns;  // most columns
  size_t pack_stride;    // floats that pack writes for each p
  size_t block_rows;     // rows and k of A that are packed at a time
  size_t block_depth;
  void (*pack)(const float* a, size_t lda, size_t rows, size_t k, float* out,
               size_t out_stride) noexcept;
  void (*tile)(const GemmTile& tile) noexcept;
  void (*finish)(const GemmFinish& finish) noexcept;
};

// The blocked product, in gemm_f32.cc.
void GemmBlockedF32(const GemmMicroF32& micro, const GemmArgs& args) noexcept;

void GemmF32Scalar(const GemmArgs& args) noexcept;
void AttentionF32Scalar(const AttentionArgs& args) noexcept;
void LayerNormScalar(const LayerNormArgs& args) noexcept;
void SoftmaxScalar(float* x, size_t rows, size_t cols) noexcept;
void ActivateScalar(Activation activation, float* x, size_t count) noexcept;
void AddScalar(const float* a, const float* b, size_t count, float* y) noexcept;
float DotScalar(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeScalar(float* x, size_t rows, size_t cols) noexcept;

#if defined(PODIUM_KERNELS_X86)
const GemmMicroF32& GemmMicroAvx2() noexcept;
void AttentionF32Avx2(const AttentionArgs& args) noexcept;
void LayerNormAvx2(const LayerNormArgs& args) noexcept;
void SoftmaxAvx2(float* x, size_t rows, size_t cols) noexcept;
void ActivateAvx2(Activation activation, float* x, size_t count) noexcept;
void AddAvx2(const float* a, const float* b, size_t count, float* y) noexcept;
float DotAvx2(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeAvx2(float* x, size_t rows, size_t cols) noexcept;

const GemmMicroF32& GemmMicroAvx512() noexcept;
void AttentionF32Avx512(const AttentionArgs& args) noexcept;
void LayerNormAvx512(const LayerNormArgs& args) noexcept;
void SoftmaxAvx512(float* x, size_t rows, size_t cols) noexcept;
void ActivateAvx512(Activation activation, float* x, size_t count) noexcept;
void AddAvx512(const float* a, const float* b, size_t count, float* y) noexcept;
float DotAvx512(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeAvx512(float* x, size_t rows, size_t cols) noexcept;
#endif

}  // namespace podium::kernels
