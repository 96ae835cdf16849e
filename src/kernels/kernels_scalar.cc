// The portable kernels, and the specification of all others: short and obvious, tested against
// double precision. Compiled without contraction of a * b + c (CMakeLists.txt), so that a result
// does not depend on how the compiler vectorised a loop.
//
// The GEMM keeps 2 rows x 16 columns of sums (8 SSE registers out of 16) and no blocking: this
// table is for CPUs and tests without AVX2.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr size_t kPanel = 16;
constexpr size_t kRows = 2;

float Activate(Activation activation, float x) {
  constexpr float kSqrtHalf = 0.70710678F;     // sqrt(1 / 2)
  constexpr float kSqrt2OverPi = 0.79788456F;  // sqrt(2 / pi)
  switch (activation) {
    case Activation::kNone: return x;
    case Activation::kGeluErf: return 0.5F * x * std::erfc(-x * kSqrtHalf);
    case Activation::kGeluTanh: {
      // (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)), without the cancellation near -1.
      const float u = kSqrt2OverPi * (x + 0.044715F * x * x * x);
      return x / (1.0F + std::exp(-2.0F * u));
    }
    case Activation::kRelu: return x < 0.0F ? 0.0F : x;  // NaN stays NaN
    case Activation::kSilu: return x / (1.0F + std::exp(-x));
    case Activation::kTanh: return std::tanh(x);
  }
  return x;
}

// Four floats in a register of any CPU; the compiler's own vector type, since GCC 12 leaves loops
// over a small array of sums scalar (5 GFLOP/s instead of 25).
using Four [[gnu::vector_size(16)]] = float;
constexpr size_t kFours = kPanel / 4;

// sums[r][j] = sum over p of a[r * lda + p] * panel[p][j], p ascending.
template <size_t kTileRows>
void Tile(const float* a, size_t lda, const float* panel, size_t k, float sums[kRows][kPanel]) {
  Four acc[kTileRows][kFours] = {};
  for (size_t p = 0; p < k; ++p) {
    for (size_t v = 0; v < kFours; ++v) {
      Four columns;
      std::memcpy(&columns, panel + p * kPanel + 4 * v, sizeof columns);
      for (size_t r = 0; r < kTileRows; ++r) {
        acc[r][v] += a[r * lda + p] * columns;
      }
    }
  }
  std::memcpy(sums, acc, sizeof acc);
}

// c[row][column + j] = activation(sums[j] + bias) + residual for j < count.
void StoreRow(const GemmArgs& args, size_t row, size_t column, size_t count, const float* sums) {
  for (size_t j = 0; j < count; ++j) {
    float y = sums[j];
    if (args.bias != nullptr) {
      y += args.bias[column + j];
    }
    y = Activate(args.activation, y);
    if (args.residual != nullptr) {
      y += args.residual[row * args.residual_stride + column + j];
    }
    static_cast<float*>(args.c.data)[row * args.c.stride + column + j] = y;
  }
}

}  // namespace

void GemmF32Scalar(const GemmArgs& args) noexcept {
  const size_t k = args.b.k;
  const size_t n_end = args.n_end == 0 ? args.b.n : args.n_end;
  const auto* const weights = static_cast<const float*>(args.b.data);
  for (size_t column = args.n_begin; column < n_end; column += kPanel) {
    const float* const panel = weights + column * k;
    for (size_t i = 0; i < args.m; i += kRows) {
      const size_t rows = std::min(kRows, args.m - i);
      const float* const a = static_cast<const float*>(args.a.data) + i * args.a.stride;
      float sums[kRows][kPanel];
      (rows == kRows ? Tile<kRows> : Tile<1>)(a, args.a.stride, panel, k, sums);
      for (size_t r = 0; r < rows; ++r) {
        StoreRow(args, i + r, column, std::min(kPanel, n_end - column), sums[r]);
      }
    }
  }
}

void AttentionF32Scalar(const AttentionArgs& args) noexcept {
  auto* const scores = static_cast<float*>(args.scratch);  // [keys]
  for (size_t i = 0; i < args.queries; ++i) {
    const float* q = args.q + i * args.q_stride;
    for (size_t j = 0; j < args.keys; ++j) {
      float sum = DotScalar(q, args.k + j * args.k_stride, args.head_dim) * args.scale;
      if (args.bias != nullptr) {
        sum += args.bias[i * args.bias_stride + j];
      }
      scores[j] = sum;
    }
    SoftmaxScalar(scores, 1, args.keys);
    float* out = args.out + i * args.out_stride;
    std::fill(out, out + args.head_dim, 0.0F);
    for (size_t j = 0; j < args.keys; ++j) {
      const float* v = args.v + j * args.v_stride;
      for (size_t d = 0; d < args.head_dim; ++d) {
        out[d] += scores[j] * v[d];
      }
    }
  }
}

void LayerNormScalar(const LayerNormArgs& args) noexcept {
  const auto count = static_cast<float>(args.cols);
  for (size_t i = 0; i < args.rows; ++i) {
    const float* x = args.x + i * args.cols;
    float* y = args.y + i * args.cols;
    float sum = 0.0F;
    for (size_t j = 0; j < args.cols; ++j) {
      y[j] = args.residual == nullptr ? x[j] : x[j] + args.residual[i * args.cols + j];
      sum += y[j];
    }
    const float mean = sum / count;
    float squares = 0.0F;
    for (size_t j = 0; j < args.cols; ++j) {
      squares += (y[j] - mean) * (y[j] - mean);
    }
    const float inverse = 1.0F / std::sqrt(squares / count + args.eps);
    for (size_t j = 0; j < args.cols; ++j) {
      y[j] = (y[j] - mean) * inverse * args.gamma[j];
      if (args.beta != nullptr) {
        y[j] += args.beta[j];
      }
    }
    ConvertNormalized(args, i, ConvertScalar);
  }
}

void SoftmaxScalar(float* x, size_t rows, size_t cols) noexcept {
  for (size_t i = 0; i < rows; ++i, x += cols) {
    float top = -std::numeric_limits<float>::infinity();
    for (size_t j = 0; j < cols; ++j) {
      top = x[j] > top ? x[j] : top;  // a NaN is passed over here and comes back through exp
    }
    float sum = 0.0F;
    for (size_t j = 0; j < cols; ++j) {
      x[j] = std::exp(x[j] - top);
      sum += x[j];
    }
    for (size_t j = 0; j < cols; ++j) {
      x[j] /= sum;
    }
  }
}

void ActivateScalar(Activation activation, float* x, size_t count) noexcept {
  for (size_t i = 0; i < count; ++i) {
    x[i] = Activate(activation, x[i]);
  }
}

void AddScalar(const float* a, const float* b, size_t count, float* y) noexcept {
  for (size_t i = 0; i < count; ++i) {
    y[i] = a[i] + b[i];
  }
}

float DotScalar(const float* a, const float* b, size_t count) noexcept {
  float sum = 0.0F;
  for (size_t i = 0; i < count; ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

void L2NormalizeScalar(float* x, size_t rows, size_t cols) noexcept {
  for (size_t i = 0; i < rows; ++i, x += cols) {
    const float length = std::sqrt(DotScalar(x, x, cols));
    const float divisor = length < 1e-12F ? 1e-12F : length;  // NaN stays NaN
    for (size_t j = 0; j < cols; ++j) {
      x[j] /= divisor;
    }
  }
}

}  // namespace podium::kernels
