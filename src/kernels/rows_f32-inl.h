// Elementwise and row-by-row kernels in terms of Vec. Included once by each rows_f32_*.cc.
//
// A sum over a row goes into four partial vectors in turn, added up in one fixed order at the end:
// the result depends on the row's values and length alone.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

constexpr size_t kSums = 4;

PODIUM_VEC_INLINE float Total(const Vec sums[kSums]) {
  return ReduceAdd((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Sum over j < count of value(j, lanes), a vector whose lanes past the end are zero.
template <typename Value>
PODIUM_VEC_INLINE float SumOver(size_t count, Value value) {
  Vec sums[kSums] = {Zero(), Zero(), Zero(), Zero()};
  size_t j = 0;
  for (; j + kSums * kLanes <= count; j += kSums * kLanes) {
    sums[0] = sums[0] + value(j, kLanes);
    sums[1] = sums[1] + value(j + kLanes, kLanes);
    sums[2] = sums[2] + value(j + 2 * kLanes, kLanes);
    sums[3] = sums[3] + value(j + 3 * kLanes, kLanes);
  }
  for (size_t s = 0; j < count; j += kLanes, ++s) {
    sums[s] = sums[s] + value(j, count - j < kLanes ? count - j : kLanes);
  }
  return Total(sums);
}

// x[j] = f(x[j], j) for all j < count, a vector at a time.
template <typename Function>
PODIUM_VEC_INLINE void MapInPlace(float* x, size_t count, Function f) {
  size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    Store(x + j, f(Load(x + j), j, kLanes));
  }
  if (j < count) {
    StoreFirst(x + j, f(LoadFirst(x + j, count - j), j, count - j), count - j);
  }
}

float DotRow(const float* a, const float* b, size_t count) {
  return SumOver(count, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    return LoadFirst(a + j, n) * LoadFirst(b + j, n);
  });
}

void NormalizeRow(const LayerNormArgs& args, const float* x, const float* residual, float* y) {
  const auto count = static_cast<float>(args.cols);
  const float sum = SumOver(args.cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    Vec z = LoadFirst(x + j, n);
    if (residual != nullptr) {
      z = z + LoadFirst(residual + j, n);
    }
    StoreFirst(y + j, z, n);
    return z;
  });
  const Vec mean = Set1(sum / count);
  const float squares = SumOver(args.cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    const Vec d = KeepFirst(LoadFirst(y + j, n) - mean, n);
    return d * d;
  });
  const Vec deviation = Sqrt(Set1(squares / count + args.eps));
  const Vec inverse = Set1(1.0F) / deviation;
  const float* const gamma = args.gamma;
  const float* const beta = args.beta;
  MapInPlace(y, args.cols, [=](Vec z, size_t j, size_t n) PODIUM_VEC_LAMBDA {
    const Vec scaled = (z - mean) * inverse;
    return Fma(scaled, LoadFirst(gamma + j, n), beta == nullptr ? Zero() : LoadFirst(beta + j, n));
  });
}

void LayerNormRows(const LayerNormArgs& args) {
  for (size_t i = 0; i < args.rows; ++i) {
    const size_t at = i * args.cols;
    NormalizeRow(args, args.x + at, args.residual == nullptr ? nullptr : args.residual + at,
                 args.y + at);
  }
}

void SoftmaxRow(float* x, size_t count) {
  // NaN is passed over in the search for the greatest, and comes back through Exp.
  const Vec lowest = Set1(-__builtin_inff());
  Vec top = lowest;
  size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    top = Max(Load(x + j), top);
  }
  if (j < count) {
    // Lanes past the end repeat the row's first value.
    float rest[kLanes];
    Store(rest, Set1(x[0]));
    StoreFirst(rest, LoadFirst(x + j, count - j), count - j);
    top = Max(Load(rest), top);
  }
  const Vec greatest = Set1(ReduceMax(top));
  const float sum = SumOver(count, [=](size_t at, size_t n) PODIUM_VEC_LAMBDA {
    const Vec e = Exp(LoadFirst(x + at, n) - greatest);
    StoreFirst(x + at, e, n);
    return KeepFirst(e, n);
  });
  const Vec divisor = Set1(sum);
  MapInPlace(x, count, [=](Vec e, size_t, size_t) PODIUM_VEC_LAMBDA { return e / divisor; });
}

void ActivateAll(Activation activation, float* x, size_t count) {
  if (activation == Activation::kNone) {
    return;
  }
  WithActivation(activation, [=](auto f) PODIUM_VEC_LAMBDA {
    MapInPlace(x, count, [=](Vec v, size_t, size_t) PODIUM_VEC_LAMBDA { return f(v); });
  });
}

void AddAll(const float* a, const float* b, size_t count, float* y) {
  for (size_t j = 0; j < count; j += kLanes) {
    const size_t n = count - j < kLanes ? count - j : kLanes;
    StoreFirst(y + j, LoadFirst(a + j, n) + LoadFirst(b + j, n), n);
  }
}

void L2NormalizeRow(float* x, size_t count) {
  const Vec length = Sqrt(Set1(DotRow(x, x, count)));
  const Vec divisor = Max(Set1(1e-12F), length);  // NaN stays NaN (see Max)
  MapInPlace(x, count, [=](Vec v, size_t, size_t) PODIUM_VEC_LAMBDA { return v / divisor; });
}

}  // namespace
}  // namespace podium::kernels
