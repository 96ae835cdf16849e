// A loop of nothing but one multiply-add, in as many independent chains as the registers hold.
#pragma once

#include <cstddef>

#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// Two units with a latency of up to 6 cycles need 12 sums in flight; two operands and a product
// take 3 more of the 16 registers, or of 32.
constexpr size_t kPeakChains = 12;

// Makes the compiler believe that `value` changes here, so that it neither leaves out nor merges
// nor hoists what the value goes into or comes from. No instruction.
template <typename Register>
PODIUM_VEC_INLINE void Touch(Register& value) {
#if defined(__AVX512F__)
  asm volatile("" : "+v"(value));
#else
  asm volatile("" : "+x"(value));
#endif
}

// multiply_add(sum, operand) is one step of a chain on registers of type Register;
// `operations` of it count.
template <typename Register, typename MultiplyAdd>
PODIUM_VEC_INLINE double RunPeak(size_t rounds, double operations, Register start,
                                 const MultiplyAdd& multiply_add) {
  Register sums[kPeakChains];
  PODIUM_UNROLL
  for (size_t i = 0; i < kPeakChains; ++i) {
    sums[i] = start;
  }
  for (size_t round = 0; round < rounds; ++round) {
    PODIUM_UNROLL
    for (size_t i = 0; i < kPeakChains; ++i) {
      sums[i] = multiply_add(sums[i]);
      Touch(sums[i]);
    }
  }
  return static_cast<double>(rounds) * kPeakChains * operations;
}

}  // namespace
}  // namespace podium::kernels
