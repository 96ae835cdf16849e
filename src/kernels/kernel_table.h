// What a kernel is: plain structs of arguments, and one table of functions per instruction set.
// Private to the module's per-ISA files as well as public through kernels/kernels.h, so it includes
// nothing but integer types.
//
// Letters for shapes: m rows (tokens), k inner dimension, n columns (outputs), T tokens, D head
// dimension. All matrices are row-major; a "stride" counts floats from one row to the next.
#pragma once

#include <cstddef>
#include <cstdint>

namespace podium::kernels {

// Instruction sets, weakest first.
enum class Isa : uint8_t { kScalar = 0, kAvx2 = 1, kAvx512 = 2 };

enum class Activation : uint8_t {
  kNone = 0,
  kGeluErf,   // x * Phi(x), Phi the normal distribution function (the "gelu" of model configs)
  kGeluTanh,  // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) ("gelu_new")
  kRelu,      // max(x, 0)
  kSilu,      // x / (1 + exp(-x))
  kTanh,
};

// How PackedMatrix lays out weights. A GEMM entry of the table takes exactly one of them.
enum class WeightFormat : uint8_t {
  kF32Panels = 0,  // panels of panel_columns outputs; see packed_matrix.h
};

// A packed matrix as kernels see it; PackedMatrix::view() makes it.
struct PackedView {
  WeightFormat format = WeightFormat::kF32Panels;
  size_t panel_columns = 0;  // must be the table's own
  size_t n = 0;              // outputs
  size_t k = 0;              // inputs
  const void* data = nullptr;
};

// Bytes of scratch that one call of gemm_f32 needs, whatever its shape: a block of the left operand
// rearranged (gemm_f32.cc has the derivation).
inline constexpr size_t kGemmScratchBytes = size_t{512} << 10;

// c[i][j] = activation(sum over p of a[i][p] * w[j][p] + bias[j]) + residual[i][j]
// for i in [0, m) and j in [n_begin, n_end).
struct GemmArgs {
  const float* a = nullptr;  // [m x k], row stride lda
  size_t lda = 0;
  size_t m = 0;
  PackedView b;
  const float* bias = nullptr;      // [n] or null
  const float* residual = nullptr;  // [m x n] with row stride ldc, or null
  Activation activation = Activation::kNone;
  float* c = nullptr;  // [m x n], row stride ldc; overlaps neither a nor residual
  size_t ldc = 0;
  // The columns to compute, for sharing them among workers. n_begin is a multiple of
  // panel_columns; n_end is one too, or n. n_end = 0 stands for n.
  size_t n_begin = 0;
  size_t n_end = 0;
  void* scratch = nullptr;  // kGemmScratchBytes, 64-byte aligned, not shared with another thread
};

// Floats of scratch for one call of attention_f32.
constexpr size_t AttentionScratchFloats(size_t keys, size_t head_dim) {
  // Keys rearranged in tiles (at most 4/3 of them plus one tile of 16), probabilities of a panel of
  // 32 queries, and that panel's queries and outputs, all rounded up to whole cache lines.
  return (keys * 4 / 3 + 16) * head_dim + keys * 32 + 2 * 32 * head_dim + 64;
}

// One head of one sequence:
// out[i] = sum over j of p[i][j] * v[j], p[i] = softmax over j of (scale * q[i] . k[j] +
// bias[i][j]). A bias of -infinity masks; a row that is masked everywhere gives NaN, as in the
// reference.
struct AttentionArgs {
  const float* q = nullptr;  // [queries x head_dim], row stride q_stride
  const float* k = nullptr;  // [keys x head_dim], row stride k_stride
  const float* v = nullptr;  // [keys x head_dim], row stride v_stride
  float* out = nullptr;      // [queries x head_dim], row stride out_stride; overlaps no input
  size_t q_stride = 0;
  size_t k_stride = 0;
  size_t v_stride = 0;
  size_t out_stride = 0;
  size_t queries = 0;  // the first rows only, e.g. 1 when only [CLS] is wanted
  size_t keys = 0;
  size_t head_dim = 0;
  float scale = 1.0F;
  const float* bias = nullptr;  // [queries x keys], row stride bias_stride, or null
  size_t bias_stride = 0;
  float* scratch = nullptr;  // AttentionScratchFloats(keys, head_dim), 64-byte aligned
};

// y[i] = (z - mean(z)) / sqrt(variance(z) + eps) * gamma + beta with z = x[i] + residual[i].
// The variance is the mean of squared differences (not n - 1).
struct LayerNormArgs {
  const float* x = nullptr;         // [rows x cols], contiguous
  const float* residual = nullptr;  // [rows x cols] or null
  const float* gamma = nullptr;     // [cols]
  const float* beta = nullptr;      // [cols] or null
  float eps = 0.0F;
  size_t rows = 0;
  size_t cols = 0;
  float* y = nullptr;  // [rows x cols]; may be x or residual itself
};

// The inner loops for one instruction set. Every function is pure, thread-safe and noexcept, and
// propagates NaN. A row of a result depends on that row of the operands alone: neither on how many
// rows came along nor on how columns were shared among threads, bit for bit. Different instruction
// sets differ by rounding only.
struct KernelTable {
  Isa isa;
  const char* name;      // "scalar", "avx2", "avx512": what PODIUM_FORCE_ISA takes
  size_t panel_columns;  // columns of a kF32Panels panel
  void (*gemm_f32)(const GemmArgs& args) noexcept;
  void (*attention_f32)(const AttentionArgs& args) noexcept;
  void (*layer_norm)(const LayerNormArgs& args) noexcept;
  // In place over each row of x[rows x cols]; an empty row stays empty.
  void (*softmax)(float* x, size_t rows, size_t cols) noexcept;
  // x[i] = activation(x[i]).
  void (*activate)(Activation activation, float* x, size_t count) noexcept;
  // y[i] = a[i] + b[i]; y may be a or b.
  void (*add)(const float* a, const float* b, size_t count, float* y) noexcept;
  float (*dot)(const float* a, const float* b, size_t count) noexcept;
  // Each row of x[rows x cols] divided by max(its Euclidean length, 1e-12).
  void (*l2_normalize)(float* x, size_t rows, size_t cols) noexcept;
};

}  // namespace podium::kernels
