// Rows in reduced numbers, in terms of Vec. Everything is private to the including file. Where the
// instruction set has no conversion to bf16, its table has no product that reads bf16 either, and
// kI8 from kF32 is all there is.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/loops_f32-inl.h"
#include "kernels/store_reduced-inl.h"

namespace podium::kernels {
namespace {

// load(j, n): n values from column j, the lanes after them zero.
template <typename Load>
PODIUM_VEC_INLINE void QuantizeRow(size_t cols, Load load, uint8_t* out, float* scale) {
  Vec top = Zero();
  Vec poison = Zero();  // NaN if the row has an infinity or NaN, which Max may pass over
  for (size_t j = 0; j < cols; j += kLanes) {
    const Vec x = load(j, cols - j);
    top = Max(Abs(x), top);
    poison = Fma(x, Zero(), poison);
  }
  const float greatest = ReduceMax(top);
  const bool finite = ReduceAdd(poison) == 0.0F;
  const bool zeros = greatest < kLeastI8Magnitude;
  *scale = !finite ? __builtin_nanf("") : zeros ? 0.0F : greatest / 127.0F;
  const Vec inverse = Set1(!finite || zeros ? 0.0F : 127.0F / greatest);
  const Vec lowest = Set1(-127.0F);  // also stands for NaN (see Max)
  const VecI middle = Round(Set1(128.0F));
  for (size_t j = 0; j < cols; j += kLanes) {
    const Vec q = Max(load(j, cols - j) * inverse, lowest);
    StoreBytesFirst(out + j, Round(q) + middle, cols - j);
  }
}

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
    QuantizeRow(
        args.cols,
        [=](size_t j, size_t n) PODIUM_VEC_LAMBDA { return LoadBf16First(halves + j, n); },
        reinterpret_cast<uint8_t*>(row), args.to.scales + i);
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
