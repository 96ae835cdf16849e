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

// Instruction sets, weakest first. A table takes the functions of a lesser set where its own adds
// nothing.
enum class Isa : uint8_t {
  kScalar = 0,
  kAvx2,
  kAvxVnni,     // AVX2 and the 256-bit VPDPBUSD
  kAvx512,      // F, BW, DQ, VL
  kAvx512Vnni,  // and the 512-bit VPDPBUSD
  kAvx512Bf16,  // and VDPBF16PS
  kAmx,         // and tiles: TDPBF16PS, TDPBUSD
};

enum class Activation : uint8_t {
  kNone = 0,
  kGeluErf,   // x * Phi(x), Phi the normal distribution function (the "gelu" of model configs)
  kGeluTanh,  // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) ("gelu_new")
  kRelu,      // max(x, 0)
  kSilu,      // x / (1 + exp(-x))
  kTanh,
};

// What a number of a matrix is made of, and with it the arithmetic of a product: both operands of a
// product are of one kind. Sums are float (of kI8: 32-bit integers, exact).
enum class Numbers : uint8_t {
  kF32 = 0,
  kBf16,   // the upper half of a float, rounded to nearest even
  kSplit,  // a float as the sum of two bf16: the nearest one, and the nearest one to what is left
  kI8,     // activations: (q - 128) * the row's scale, q in [1, 255]; weights: q * the column's
};

// Rows of activations. Rows begin on a cache line (kF32 need not); what lies between the end of a
// row and the next one is zero for kBf16 and kSplit, anything for kI8.
//
//   kF32    [rows x stride] of float
//   kBf16   [rows x stride] of uint16_t
//   kSplit  [rows x 2 x stride] of uint16_t: the nearest bf16 of a row, then what is left
//   kI8     [rows x stride] of uint8_t, and one scale per row
//
// `stride` counts elements and, but for kF32, is at least RowStride(numbers, columns).
struct Rows {
  Numbers numbers = Numbers::kF32;
  void* data = nullptr;
  size_t stride = 0;
  float* scales = nullptr;  // kI8: [rows]
};
struct ConstRows {
  Numbers numbers = Numbers::kF32;
  const void* data = nullptr;
  size_t stride = 0;
  const float* scales = nullptr;

  ConstRows() = default;
  ConstRows(Numbers n, const void* d, size_t s, const float* scale = nullptr)
      : numbers(n), data(d), stride(s), scales(scale) {}
  // NOLINTNEXTLINE(google-explicit-constructor): what can be written can be read
  ConstRows(const Rows& rows) : ConstRows(rows.numbers, rows.data, rows.stride, rows.scales) {}
};

// A product in reduced numbers goes through k in steps of 4 bytes (two bf16, four int8), and a tile
// unit takes 16 steps at once: 64 bytes, a row of a tile.
inline constexpr size_t kStepBytes = 4;
inline constexpr size_t kStepsPerLine = 16;

constexpr size_t BytesPerElement(Numbers numbers) {
  return numbers == Numbers::kF32 ? 4 : numbers == Numbers::kI8 ? 1 : 2;
}

// The stride of rows of `columns` elements: whole cache lines but for kF32.
constexpr size_t RowStride(Numbers numbers, size_t columns) {
  const size_t line = kStepBytes * kStepsPerLine / BytesPerElement(numbers);
  return numbers == Numbers::kF32 ? columns : (columns + line - 1) / line * line;
}

// Bytes from one row to the next.
constexpr size_t RowBytes(Numbers numbers, size_t stride) {
  return stride * BytesPerElement(numbers) * (numbers == Numbers::kSplit ? 2 : 1);
}

// A packed matrix as kernels see it; PackedMatrix::view() makes it.
struct PackedView {
  Numbers numbers = Numbers::kF32;
  size_t panel_columns = 0;  // must be the table's own
  size_t n = 0;              // outputs
  size_t k = 0;              // inputs
  size_t steps = 0;          // of a panel, in reduced numbers: RowStride(numbers, k) in 4 bytes
  const void* data = nullptr;
  const float* scales = nullptr;  // kI8: one per output
  const int32_t* sums = nullptr;  // kI8: 128 * the sum of an output's weights; whole panels
};

// Bytes of scratch that one call of a GEMM needs, whatever its shape: a block of the left operand
// rearranged (gemm_f32.cc has the derivation), or sums (gemm_reduced.cc).
inline constexpr size_t kGemmScratchBytes = size_t{512} << 10;

// c[i][j] = activation(sum over p of a[i][p] * w[j][p] + bias[j]) + residual[i][j]
// for i in [0, m) and j in [n_begin, n_end).
struct GemmArgs {
  ConstRows a;  // [m x k], of the same numbers as b
  size_t m = 0;
  PackedView b;
  const float* bias = nullptr;      // [n] or null
  const float* residual = nullptr;  // [m x n] with row stride residual_stride, or null
  size_t residual_stride = 0;
  Activation activation = Activation::kNone;
  Rows c;  // [m x n]: kF32, and from reduced operands kBf16 or kSplit; overlaps neither input
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

// Bytes of scratch for one call of attention_bf16: keys and values packed in panels of up to 32,
// scores and probabilities of a tile of up to 32 queries, and that tile's output.
constexpr size_t AttentionBf16ScratchBytes(size_t keys, size_t head_dim) {
  const size_t key_line = (keys + 31) / 32 * 32;
  const size_t dim_line = (head_dim + 31) / 32 * 32;
  return key_line * dim_line * 4 + key_line * 32 * 6 + dim_line * 32 * 4 + 64;
}

// One head of one sequence:
// out[i] = sum over j of p[i][j] * v[j], p[i] = softmax over j of (scale * q[i] . k[j] +
// bias[i][j]). A bias of -infinity masks; a row that is masked everywhere gives NaN, as in the
// reference.
// Element is float, or uint16_t for bf16; scores, softmax and sums are float in either case. With
// bf16, q may be read up to 31 elements past a row's end: there is memory (the next head, or k).
template <typename Element>
struct AttentionArgsOf {
  const Element* q = nullptr;  // [queries x head_dim], row stride q_stride
  const Element* k = nullptr;  // [keys x head_dim], row stride k_stride
  const Element* v = nullptr;  // [keys x head_dim], row stride v_stride
  Element* out = nullptr;      // [queries x head_dim], row stride out_stride; overlaps no input
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
  // 64-byte aligned: AttentionScratchFloats(keys, head_dim) of float, or
  // AttentionBf16ScratchBytes(keys, head_dim).
  void* scratch = nullptr;
};
using AttentionArgs = AttentionArgsOf<float>;
using AttentionBf16Args = AttentionArgsOf<uint16_t>;

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
  Rows operand = {};   // the same in reduced numbers, for the products that follow; or no data
};

// A row (or column of weights) whose greatest magnitude is smaller counts as zeros in kI8: the
// inverse of its scale would be infinite.
inline constexpr float kLeastI8Magnitude = 1e-30F;

// Rows of kF32 or kBf16 in the reduced numbers of `to`. The scale of a kI8 row is its greatest
// magnitude / 127, or 0 (kLeastI8Magnitude). A row with an infinity or NaN has a NaN scale.
struct ConvertArgs {
  ConstRows from;
  Rows to;
  size_t rows = 0;
  size_t cols = 0;
};

// The inner loops for one instruction set. Every function is pure, thread-safe and noexcept, and
// propagates NaN. A row of a result depends on that row of the operands alone: neither on how many
// rows came along nor on how columns were shared among threads, bit for bit. Different instruction
// sets differ by rounding only.
struct KernelTable {
  Isa isa;
  const char* name;      // "scalar", "avx2", …: what PODIUM_FORCE_ISA takes
  size_t panel_columns;  // of packed weights
  void (*gemm_f32)(const GemmArgs& args) noexcept;
  void (*gemm_bf16)(const GemmArgs& args) noexcept;   // kBf16; null: not provided
  void (*gemm_split)(const GemmArgs& args) noexcept;  // kSplit; null: not provided
  void (*gemm_i8)(const GemmArgs& args) noexcept;     // kI8
  void (*attention_f32)(const AttentionArgs& args) noexcept;
  void (*attention_bf16)(const AttentionBf16Args& args) noexcept;  // null where gemm_bf16 is
  void (*convert)(const ConvertArgs& args) noexcept;
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
