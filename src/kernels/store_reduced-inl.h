// Storing floats as bf16 or as the sum of two, in terms of Vec. Everything is private to the
// including file.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

#if defined(__AVX512BF16__)
// The first `count` lanes at columns j, j + 1, … of a row of kBf16 or kSplit.
PODIUM_VEC_INLINE void StoreReduced(const Rows& to, uint16_t* row, size_t j, Vec x, size_t count) {
  const Bf16Half high = ToBf16(x);
  StoreBf16First(row + j, high, count);
  if (to.numbers == Numbers::kSplit) {
    StoreBf16First(row + to.stride + j, ToBf16(x - ToFloat(high)), count);
  }
}
#endif

}  // namespace
}  // namespace podium::kernels
