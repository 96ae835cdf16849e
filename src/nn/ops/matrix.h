// A matrix of activations in any numbers, and the step from one kind to another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/crew.h"

namespace podium::nn {

using kernels::Numbers;

// The rows from `row` on.
inline kernels::Rows RowsFrom(const kernels::Rows& rows, size_t row) {
  kernels::Rows rest = rows;
  rest.data =
      static_cast<std::byte*>(rows.data) + row * kernels::RowBytes(rows.numbers, rows.stride);
  rest.scales = rows.scales == nullptr ? nullptr : rows.scales + row;
  return rest;
}
inline kernels::ConstRows RowsFrom(const kernels::ConstRows& rows, size_t row) {
  const auto* const data = static_cast<const std::byte*>(rows.data);
  return {rows.numbers, data + row * kernels::RowBytes(rows.numbers, rows.stride), rows.stride,
          rows.scales == nullptr ? nullptr : rows.scales + row};
}

// Rows of floats one after another.
inline kernels::Rows FloatRows(float* data, size_t columns) {
  return {.numbers = Numbers::kF32, .data = data, .stride = columns, .scales = nullptr};
}
inline kernels::ConstRows FloatRows(const float* data, size_t columns) {
  return {Numbers::kF32, data, columns};
}

// Scratch memory, reused from block to block: Resize keeps no contents.
class Matrix {
 public:
  void Resize(Numbers numbers, size_t rows, size_t columns) {
    numbers_ = numbers;
    stride_ = kernels::RowStride(numbers, columns);
    data_.Resize(rows * kernels::RowBytes(numbers, stride_));
    scales_.Resize(numbers == Numbers::kI8 ? rows : 0);
  }

  // Makes room for any numbers.
  void Reserve(size_t rows, size_t columns) {
    size_t bytes = 0;
    for (const Numbers numbers : {Numbers::kF32, Numbers::kBf16, Numbers::kSplit, Numbers::kI8}) {
      bytes = std::max(bytes, kernels::RowBytes(numbers, kernels::RowStride(numbers, columns)));
    }
    data_.Reserve(rows * bytes);
    scales_.Reserve(rows);
  }

  kernels::Rows rows() {
    return {.numbers = numbers_,
            .data = data_.data(),
            .stride = stride_,
            .scales = scales_.empty() ? nullptr : scales_.data()};
  }

  // Zeroes what lies between the `columns` of each row and the next one, for writers that leave it.
  void ClearPadding(size_t rows, size_t columns) {
    if (numbers_ != Numbers::kBf16) {
      return;
    }
    auto* const data = reinterpret_cast<uint16_t*>(data_.data());
    for (size_t i = 0; columns < stride_ && i < rows; ++i) {
      std::fill(data + i * stride_ + columns, data + (i + 1) * stride_, uint16_t{0});
    }
  }

 private:
  Numbers numbers_ = Numbers::kF32;
  size_t stride_ = 0;
  AlignedBuffer<std::byte> data_;
  AlignedBuffer<float> scales_;
};

// `from` as a product in `numbers` reads it: itself where it is in these numbers already, else
// converted into `to`. REQUIRES: `from` is kF32 or kBf16 or of these numbers.
struct Shape {
  size_t rows = 0;
  size_t columns = 0;
};
kernels::ConstRows AsOperand(const kernels::KernelTable& table, const kernels::ConstRows& from,
                             Shape shape, Numbers numbers, Matrix& to, Crew& crew);

}  // namespace podium::nn
