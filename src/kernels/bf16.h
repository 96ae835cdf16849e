// bfloat16: the upper half of a float. Private to the module's portable code and its tests.
#pragma once

#include <bit>
#include <cstdint>

namespace podium::kernels {

inline float FloatFromBf16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

// Rounds to nearest, ties to even; NaN stays NaN (quiet). A subnormal result becomes zero of its
// sign, as VCVTNE2PS2BF16 does.
inline uint16_t Bf16FromFloat(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t exponent = bits & 0x7F800000U;
  if (exponent == 0) {
    return static_cast<uint16_t>((bits & 0x80000000U) >> 16);
  }
  if (exponent == 0x7F800000U && (bits & 0x007FFFFFU) != 0) {
    return static_cast<uint16_t>((bits >> 16) | 0x0040U);
  }
  return static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace podium::kernels
