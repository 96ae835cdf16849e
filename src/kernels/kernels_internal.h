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
  const float* residual = nullptr;  // of c's first element, or null
  size_t residual_stride = 0;
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

// Both operands of a part of a sum in reduced numbers: rows of A in place, a panel of packed
// weights. `next` is what will be read after it in place of b, or null.
struct TileSegment {
  const std::byte* a = nullptr;
  const std::byte* b = nullptr;
  const std::byte* next = nullptr;
};

// c[r][j] = activation(sum + bias[j]) + residual[r][j], where sum is sums[r][j], or of kI8
// (sums[r][j] - corrections[j]) * row_scales[r] * column_scales[j]. A row of c in reduced numbers
// is filled up with zeros for `padding` columns after the last.
struct ReducedFinish {
  const void* sums = nullptr;
  size_t sums_stride = 0;
  size_t rows = 0;
  size_t columns = 0;
  const float* row_scales = nullptr;  // null: sums are float
  const float* column_scales = nullptr;
  const int32_t* corrections = nullptr;
  const float* bias = nullptr;
  const float* residual = nullptr;
  size_t residual_stride = 0;
  Activation activation = Activation::kNone;
  Rows c;  // from the first element on
  size_t padding = 0;
};

// sums[r][j] = sum over segments and s < steps of a[r] . b[j], 4 bytes of either a step, segments
// and s ascending, for r < rows and all panel_columns of j; with `accumulate` the sum starts from
// sums[r][j]. Sums of kI8 are int32_t, else float.
struct ReducedTile {
  const TileSegment* segments = nullptr;
  size_t segment_count = 0;
  size_t a_stride = 0;  // bytes from row to row
  size_t steps = 0;     // a multiple of the micro kernel's step_multiple
  size_t rows = 0;
  void* sums = nullptr;    // 64-byte aligned
  size_t sums_stride = 0;  // elements, a multiple of 16
  bool accumulate = false;
  // Lines of `next` to ask for at every 16 steps.
  size_t prefetch_lines = 0;
  // Rows of another tile that are finished meanwhile, by `finish`, before sums are stored; or none.
  // Only for a micro kernel that finishes beside tiles.
  const ReducedFinish* beside = nullptr;
  void (*finish)(const ReducedFinish& finish) noexcept = nullptr;
};

// The innermost part of a product in reduced numbers for one ISA; gemm_reduced.cc puts the loops
// around it.
struct GemmMicroReduced {
  size_t tile_rows;      // most rows of a tile
  size_t panel_columns;  // all of them in each tile
  size_t step_multiple;
  size_t block_steps;   // of a panel that are gone through before the next tile of rows
  size_t row_unit = 1;  // a tile of rows begins at a multiple: what is left over costs a whole unit
  bool finishes_beside = false;  // takes ReducedTile::beside
  // Around a series of tiles in one thread: a tile unit is set up and released. Either may be null.
  void (*begin)() noexcept;
  void (*end)() noexcept;
  void (*tile)(const ReducedTile& tile) noexcept;
  void (*finish)(const ReducedFinish& finish) noexcept;
};

// Rows cut into tiles of at most micro.tile_rows and of about equal height.
struct TiledRows {
  size_t rows;
  size_t unit;
  size_t count;

  TiledRows(size_t rows_in, const GemmMicroReduced& micro)
      : rows(rows_in),
        unit(micro.row_unit),
        count((rows + micro.tile_rows - 1) / micro.tile_rows) {}
  size_t begin(size_t tile) const {
    const size_t units = (rows + unit - 1) / unit;
    return tile == count ? rows : units * tile / count * unit;
  }
};

// The blocked product, in gemm_reduced.cc.
void GemmBlockedReduced(const GemmMicroReduced& micro, const GemmArgs& args) noexcept;

void GemmF32Scalar(const GemmArgs& args) noexcept;
const GemmMicroReduced& GemmBf16MicroScalar() noexcept;
const GemmMicroReduced& GemmI8MicroScalar() noexcept;
void ConvertScalar(const ConvertArgs& args) noexcept;
void AttentionF32Scalar(const AttentionArgs& args) noexcept;
void AttentionBf16Scalar(const AttentionBf16Args& args) noexcept;

// Row `row` of a layer norm's result, y, as its operand.
inline void ConvertNormalized(const LayerNormArgs& args, size_t row,
                              void (*convert)(const ConvertArgs&) noexcept) {
  if (args.operand.data == nullptr) {
    return;
  }
  const Rows& to = args.operand;
  convert({.from = {Numbers::kF32, args.y + row * args.cols, args.cols},
           .to = {.numbers = to.numbers,
                  .data = static_cast<std::byte*>(to.data) + row * RowBytes(to.numbers, to.stride),
                  .stride = to.stride,
                  .scales = to.scales == nullptr ? nullptr : to.scales + row},
           .rows = 1,
           .cols = args.cols});
}

void LayerNormScalar(const LayerNormArgs& args) noexcept;
void SoftmaxScalar(float* x, size_t rows, size_t cols) noexcept;
void ActivateScalar(Activation activation, float* x, size_t count) noexcept;
void AddScalar(const float* a, const float* b, size_t count, float* y) noexcept;
float DotScalar(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeScalar(float* x, size_t rows, size_t cols) noexcept;

#if defined(PODIUM_KERNELS_X86)
const GemmMicroF32& GemmMicroAvx2() noexcept;
void AttentionF32Avx2(const AttentionArgs& args) noexcept;
const GemmMicroReduced& GemmI8MicroAvx2() noexcept;
void ConvertAvx2(const ConvertArgs& args) noexcept;
void LayerNormAvx2(const LayerNormArgs& args) noexcept;
void SoftmaxAvx2(float* x, size_t rows, size_t cols) noexcept;
void ActivateAvx2(Activation activation, float* x, size_t count) noexcept;
void AddAvx2(const float* a, const float* b, size_t count, float* y) noexcept;
float DotAvx2(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeAvx2(float* x, size_t rows, size_t cols) noexcept;

const GemmMicroF32& GemmMicroAvx512() noexcept;
void AttentionF32Avx512(const AttentionArgs& args) noexcept;
const GemmMicroReduced& GemmI8MicroAvx512() noexcept;
void ConvertAvx512(const ConvertArgs& args) noexcept;
void LayerNormAvx512(const LayerNormArgs& args) noexcept;
void SoftmaxAvx512(float* x, size_t rows, size_t cols) noexcept;
void ActivateAvx512(Activation activation, float* x, size_t count) noexcept;
void AddAvx512(const float* a, const float* b, size_t count, float* y) noexcept;
float DotAvx512(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeAvx512(float* x, size_t rows, size_t cols) noexcept;

const GemmMicroReduced& GemmI8MicroAvxVnni() noexcept;
const GemmMicroReduced& GemmI8MicroAvx512Vnni() noexcept;
void TileI8Avx512Vnni(const ReducedTile& tile) noexcept;

const GemmMicroReduced& GemmBf16MicroAvx512Bf16() noexcept;
const GemmMicroReduced& GemmI8MicroAvx512Bf16() noexcept;
void AttentionBf16Avx512Bf16(const AttentionBf16Args& args) noexcept;
void ConvertAvx512Bf16(const ConvertArgs& args) noexcept;
void LayerNormAvx512Bf16(const LayerNormArgs& args) noexcept;
void FinishReducedAvx512Bf16(const ReducedFinish& finish) noexcept;

const GemmMicroReduced& GemmBf16MicroAmx() noexcept;
const GemmMicroReduced& GemmI8MicroAmx() noexcept;
void AttentionBf16Amx(const AttentionBf16Args& args) noexcept;
#endif

}  // namespace podium::kernels
