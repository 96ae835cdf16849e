// Loops over a row in terms of Vec. Everything is private to the including file.
//
// A sum over a row goes into four partial vectors in turn, added up in one fixed order at the end:
// the result depends on the row's values and length alone.
#pragma once

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

}  // namespace
}  // namespace podium::kernels
