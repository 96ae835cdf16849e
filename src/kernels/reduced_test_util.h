// Rows in reduced numbers for tests: made from floats by the portable conversion, read back as
// floats.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/bf16.h"
#include "kernels/exposed_memory.h"
#include "kernels/kernels.h"

namespace podium::kernels {

// What a float is after rounding to kBf16 or kSplit.
inline float Rounded(Numbers numbers, float x) {
  const float high = FloatFromBf16(Bf16FromFloat(x));
  return numbers == Numbers::kBf16 ? high : high + FloatFromBf16(Bf16FromFloat(x - high));
}

// Relative error of a result stored in these numbers.
inline double OutputRounding(Numbers numbers) {
  switch (numbers) {
    case Numbers::kF32: return 0;
    case Numbers::kBf16: return 0x1p-8;
    case Numbers::kSplit: return 0x1p-16;
    case Numbers::kI8: return 0;
  }
  return 0;
}

class TestRows {
 public:
  TestRows(Numbers numbers, size_t rows, size_t columns)
      : numbers_(numbers),
        rows_(rows),
        columns_(columns),
        stride_(RowStride(numbers, columns)),
        data_(rows * RowBytes(numbers, stride_)),
        scales_(rows) {
    std::fill(data_.span().begin(), data_.span().end(), std::byte{0xFF});  // NaN in all but kI8
  }
  TestRows(Numbers numbers, size_t rows, size_t columns, const std::vector<float>& values)
      : TestRows(numbers, rows, columns) {
    if (numbers == Numbers::kF32) {
      std::memcpy(data_.data(), values.data(), data_.size());
      return;
    }
    TableFor(Isa::kScalar)
        ->convert({.from = {Numbers::kF32, values.data(), columns},
                   .to = this->rows(),
                   .rows = rows,
                   .cols = columns});
  }

  Numbers numbers() const { return numbers_; }

  Rows rows(size_t first = 0) const {
    auto* const data = const_cast<std::byte*>(data_.data());
    return {.numbers = numbers_,
            .data = data + first * RowBytes(numbers_, stride_),
            .stride = stride_,
            .scales = const_cast<float*>(scales_.data()) + first};
  }

  float at(size_t i, size_t j) const {
    const std::byte* const row = bytes(i).data();
    switch (numbers_) {
      case Numbers::kF32: return Read<float>(row, j);
      case Numbers::kBf16: return FloatFromBf16(Read<uint16_t>(row, j));
      case Numbers::kSplit:
        return FloatFromBf16(Read<uint16_t>(row, j)) +
               FloatFromBf16(Read<uint16_t>(row, stride_ + j));
      case Numbers::kI8:
        return static_cast<float>(static_cast<int>(Read<uint8_t>(row, j)) - 128) * scales_[i];
    }
    return 0;
  }

  // All of a row, padding included.
  std::span<const std::byte> bytes(size_t i) const {
    const size_t size = RowBytes(numbers_, stride_);
    return {data_.data() + i * size, size};
  }
  uint8_t byte(size_t i, size_t j) const { return Read<uint8_t>(bytes(i).data(), j); }
  float scale(size_t i) const { return scales_[i]; }

  bool PaddingIsZero() const {
    for (size_t i = 0; numbers_ != Numbers::kI8 && i < rows_; ++i) {
      for (size_t j = columns_; j < stride_; ++j) {
        if (at(i, j) != 0.0F) {
          return false;
        }
      }
    }
    return true;
  }

  bool SameRow(size_t i, const TestRows& other, size_t other_row) const {
    for (size_t j = 0; j < columns_; ++j) {
      const float a = at(i, j);
      const float b = other.at(other_row, j);
      if (std::memcmp(&a, &b, sizeof a) != 0) {
        return false;
      }
    }
    return true;
  }

 private:
  template <typename T>
  static T Read(const std::byte* row, size_t at) {
    T value;
    std::memcpy(&value, row + at * sizeof(T), sizeof value);
    return value;
  }

  Numbers numbers_;
  size_t rows_;
  size_t columns_;
  size_t stride_;
  ExposedBuffer<std::byte> data_;
  std::vector<float> scales_;
};

}  // namespace podium::kernels
