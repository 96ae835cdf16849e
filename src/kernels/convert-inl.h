// Rows in reduced numbers, in terms of Vec. Everything is private to the including file. Where the
// instruction set has no conversion to bf16, its table has no product that reads bf16 either, and
// kI8 from kF32 is all there is.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/loops_f32-inl.h"
#include "kernels/store_reduced-inl.h"

namespace podium::kernels {
namespace {

// The scale of a row whose greatest magnitude is that of these bits, and what to multiply by: 0
// where all is rounded to 0. Magnitudes of floats are ordered as their bits are, infinity and NaN
// above all.
struct RowScale {
  float scale;
  float inverse;

  explicit RowScale(uint32_t greatest_bits) {
    float greatest;
    __builtin_memcpy(&greatest, &greatest_bits, sizeof greatest);
    const bool finite = greatest_bits < 0x7F800000U;
    const bool zeros = greatest < kLeastI8Magnitude;
    scale = !finite ? __builtin_nanf("") : zeros ? 0.0F : greatest / 127.0F;
    inverse = !finite || zeros ? 0.0F : 127.0F / greatest;
  }
};

// load(j, n): n values from column j, the lanes after them zero.
template <typename Load>
PODIUM_VEC_INLINE void StoreRounded(size_t cols, Load load, float inverse, uint8_t* out) {
  const Vec factor = Set1(inverse);
  const VecI middle = Round(Set1(128.0F));
  for (size_t j = 0; j < cols; j += kLanes) {
    StoreBytesFirst(out + j, Round(load(j, cols - j) * factor) + middle, cols - j);
  }
}

template <typename Load>
PODIUM_VEC_INLINE void QuantizeRow(size_t cols, Load load, uint8_t* out, float* scale) {
  VecI top = ZeroI();
  for (size_t j = 0; j < cols; j += kLanes) {
    top = MaxMagnitude(top, load(j, cols - j));
  }
  const RowScale row(ReduceMax(top));
  *scale = row.scale;
  StoreRounded(cols, load, row.inverse, out);
}

#if defined(__AVX512BF16__)
// The same for a row of bf16, whose magnitudes are compared 32 at a time.
void QuantizeBf16Row(const uint16_t* row, size_t cols, uint8_t* out, float* scale) {
  const __m512i magnitude = _mm512_set1_epi16(0x7FFF);
  __m512i tops = _mm512_setzero_si512();
  for (size_t j = 0; j < cols; j += 2 * kLanes) {
    const __m512i x = _mm512_and_si512(LoadWordsFirst(row + j, cols - j), magnitude);
    tops = _mm512_max_epu16(tops, x);
  }
  // Words at even places as the upper halves of floats, then those at odd places.
  const VecI even = {_mm512_slli_epi32(tops, 16)};
  const VecI odd = {_mm512_and_si512(tops, _mm512_set1_epi32(-0x10000))};
  const RowScale scaled(ReduceMax(MaxI(even, odd)));
  *scale = scaled.scale;
  StoreRounded(
      cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA { return LoadBf16First(row + j, n); },
      scaled.inverse, out);
}
#endif

#if defined(__AVX512BF16__)
void ConvertRowToBf16(const Rows& to, const float* from, size_t cols, uint16_t* row) {
  for (size_t j = 0; j < to.stride; j += kLanes) {
    const Vec x = j < cols ? LoadFirst(from + j, cols - j) : Zero();
    StoreReduced(to, row, j, x, to.stride - j);
  }
}
#endif

void ConvertRow(const ConvertArgs& args, size_t i) {
  [[maybe_unused]] auto* const row =
      static_cast<std::byte*>(args.to.data) + i * RowBytes(args.to.numbers, args.to.stride);
  [[maybe_unused]] const auto* const from = static_cast<const std::byte*>(args.from.data) +
                                            i * RowBytes(args.from.numbers, args.from.stride);
  const auto* const floats = reinterpret_cast<const float*>(from);
#if defined(__AVX512BF16__)
  const auto* const halves = reinterpret_cast<const uint16_t*>(from);
  if (args.to.numbers != Numbers::kI8) {
    ConvertRowToBf16(args.to, floats, args.cols, reinterpret_cast<uint16_t*>(row));
    return;
  }
  if (args.from.numbers == Numbers::kBf16) {
    QuantizeBf16Row(halves, args.cols, reinterpret_cast<uint8_t*>(row), args.to.scales + i);
    return;
  }
#endif
  QuantizeRow(
      args.cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA { return LoadFirst(floats + j, n); },
      reinterpret_cast<uint8_t*>(row), args.to.scales + i);
}

void ConvertRows(const ConvertArgs& args) noexcept {
  for (size_t i = 0; i < args.rows; ++i) {
    ConvertRow(args, i);
  }
}

}  // namespace
}  // namespace podium::kernels
