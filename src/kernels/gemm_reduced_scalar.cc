// Products, conversions and attention in reduced numbers in portable code: the specification of all
// others.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/bf16.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr size_t kPanel = 16;
constexpr size_t kRows = 4;

float Product(const std::byte* a, const std::byte* b, float sum) {
  for (size_t i = 0; i < 2; ++i) {
    uint16_t x = 0;
    uint16_t y = 0;
    std::memcpy(&x, a + 2 * i, sizeof x);
    std::memcpy(&y, b + 2 * i, sizeof y);
    sum += FloatFromBf16(x) * FloatFromBf16(y);
  }
  return sum;
}

int32_t Product(const std::byte* a, const std::byte* b, int32_t sum) {
  for (size_t i = 0; i < kStepBytes; ++i) {
    sum += std::to_integer<int32_t>(a[i]) * static_cast<int8_t>(b[i]);
  }
  return sum;
}

template <typename Sum>
void Tile(const ReducedTile& t) noexcept {
  for (size_t r = 0; r < t.rows; ++r) {
    Sum* const sums = static_cast<Sum*>(t.sums) + r * t.sums_stride;
    if (!t.accumulate) {
      std::fill(sums, sums + kPanel, Sum{0});
    }
    for (size_t g = 0; g < t.segment_count; ++g) {
      const std::byte* a = t.segments[g].a + r * t.a_stride;
      const std::byte* b = t.segments[g].b;
      for (size_t s = 0; s < t.steps; ++s, a += kStepBytes) {
        for (size_t j = 0; j < kPanel; ++j, b += kStepBytes) {
          sums[j] = Product(a, b, sums[j]);
        }
      }
    }
  }
}

// Element `column` of row `row`, as a product reads it.
void StoreReduced(const Rows& c, size_t row, size_t column, float x) {
  if (c.numbers == Numbers::kF32) {
    static_cast<float*>(c.data)[row * c.stride + column] = x;
    return;
  }
  const bool split = c.numbers == Numbers::kSplit;
  uint16_t* const at = static_cast<uint16_t*>(c.data) + row * c.stride * (split ? 2 : 1) + column;
  *at = Bf16FromFloat(x);
  if (split) {
    at[c.stride] = Bf16FromFloat(x - FloatFromBf16(*at));
  }
}

float SumOf(const ReducedFinish& f, size_t r, size_t j) {
  if (f.row_scales == nullptr) {
    return static_cast<const float*>(f.sums)[r * f.sums_stride + j];
  }
  const int32_t sum = static_cast<const int32_t*>(f.sums)[r * f.sums_stride + j];
  return static_cast<float>(sum - f.corrections[j]) * (f.row_scales[r] * f.column_scales[j]);
}

void Finish(const ReducedFinish& f) noexcept {
  for (size_t r = 0; r < f.rows; ++r) {
    for (size_t j = 0; j < f.columns; ++j) {
      float y = SumOf(f, r, j);
      if (f.bias != nullptr) {
        y += f.bias[j];
      }
      ActivateScalar(f.activation, &y, 1);
      if (f.residual != nullptr) {
        y += f.residual[r * f.residual_stride + j];
      }
      StoreReduced(f.c, r, j, y);
    }
    for (size_t j = f.columns; j < f.columns + f.padding; ++j) {
      StoreReduced(f.c, r, j, 0.0F);
    }
  }
}

constexpr GemmMicroReduced kBf16Micro = {.tile_rows = kRows,
                                         .panel_columns = kPanel,
                                         .step_multiple = 1,
                                         .block_steps = SIZE_MAX,
                                         .begin = nullptr,
                                         .end = nullptr,
                                         .tile = Tile<float>,
                                         .finish = Finish};
constexpr GemmMicroReduced kI8Micro = {.tile_rows = kRows,
                                       .panel_columns = kPanel,
                                       .step_multiple = 1,
                                       .block_steps = SIZE_MAX,
                                       .begin = nullptr,
                                       .end = nullptr,
                                       .tile = Tile<int32_t>,
                                       .finish = Finish};

float ValueAt(const ConstRows& rows, size_t row, size_t column) {
  const size_t at = row * rows.stride + column;
  return rows.numbers == Numbers::kF32 ? static_cast<const float*>(rows.data)[at]
                                       : FloatFromBf16(static_cast<const uint16_t*>(rows.data)[at]);
}

void QuantizeRow(const ConvertArgs& args, size_t row) {
  float greatest = 0.0F;
  for (size_t j = 0; j < args.cols; ++j) {
    const float magnitude = std::abs(ValueAt(args.from, row, j));
    greatest = magnitude <= greatest ? greatest : magnitude;  // NaN is kept, or the next one is
    if (std::isnan(magnitude)) {
      break;
    }
  }
  auto* const out = static_cast<uint8_t*>(args.to.data) + row * args.to.stride;
  if (!std::isfinite(greatest)) {
    args.to.scales[row] = std::nanf("");
    std::fill(out, out + args.cols, uint8_t{128});
    return;
  }
  const float inverse = greatest >= kLeastI8Magnitude ? 127.0F / greatest : 0.0F;
  args.to.scales[row] = inverse > 0.0F ? greatest / 127.0F : 0.0F;
  for (size_t j = 0; j < args.cols; ++j) {
    out[j] = static_cast<uint8_t>(
        128 + static_cast<int>(std::nearbyint(ValueAt(args.from, row, j) * inverse)));
  }
}

}  // namespace

const GemmMicroReduced& GemmBf16MicroScalar() noexcept {
  return kBf16Micro;
}

const GemmMicroReduced& GemmI8MicroScalar() noexcept {
  return kI8Micro;
}

void ConvertScalar(const ConvertArgs& args) noexcept {
  for (size_t i = 0; i < args.rows; ++i) {
    if (args.to.numbers == Numbers::kI8) {
      QuantizeRow(args, i);
      continue;
    }
    for (size_t j = 0; j < args.cols; ++j) {
      StoreReduced(args.to, i, j, ValueAt(args.from, i, j));
    }
    for (size_t j = args.cols; j < args.to.stride; ++j) {
      StoreReduced(args.to, i, j, 0.0F);
    }
  }
}

void AttentionBf16Scalar(const AttentionBf16Args& args) noexcept {
  auto* const scores = static_cast<float*>(args.scratch);  // [keys]
  auto* const sums = scores + args.keys;                   // [head_dim]
  const auto lowest = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < args.queries; ++i) {
    const uint16_t* const q = args.q + i * args.q_stride;
    float top = lowest;
    for (size_t j = 0; j < args.keys; ++j) {
      const uint16_t* const k = args.k + j * args.k_stride;
      float sum = 0.0F;
      for (size_t d = 0; d < args.head_dim; ++d) {
        sum += FloatFromBf16(q[d]) * FloatFromBf16(k[d]);
      }
      scores[j] =
          sum * args.scale + (args.bias == nullptr ? 0 : args.bias[i * args.bias_stride + j]);
      top = scores[j] > top ? scores[j] : top;  // NaN comes back through exp
    }
    std::fill(sums, sums + args.head_dim, 0.0F);
    float total = 0.0F;
    for (size_t j = 0; j < args.keys; ++j) {
      const float e = std::exp(scores[j] - top);
      total += e;
      const float p = FloatFromBf16(Bf16FromFloat(e));
      for (size_t d = 0; d < args.head_dim; ++d) {
        sums[d] += p * FloatFromBf16(args.v[j * args.v_stride + d]);
      }
    }
    for (size_t d = 0; d < args.head_dim; ++d) {
      args.out[i * args.out_stride + d] = Bf16FromFloat(sums[d] / total);
    }
  }
}

}  // namespace podium::kernels
