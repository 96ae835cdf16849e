// Elementwise and row-by-row kernels in terms of Vec. Included once by each rows_f32_*.cc.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/loops_f32-inl.h"
#include "kernels/math_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

float DotRow(const float* a, const float* b, size_t count) {
  return SumOver(count, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    return LoadFirst(a + j, n) * LoadFirst(b + j, n);
  });
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
