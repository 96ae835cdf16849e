// The weights of a linear layer, rearranged once at load time for the kernels of one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "kernels/kernel_table.h"

namespace podium::kernels {

// Owns a [n x k] matrix (n outputs, k inputs, as torch.nn.Linear keeps it) in panels of w =
// the table's panel_columns outputs. Immutable after Pack, so safe to read from many threads;
// move-only. The last panel is filled up with zeros.
//
// kF32: k rows of w floats, so that a kernel reads w outputs for one input with whole vectors:
//
//   panel 0                               panel 1
//   w[0][0]  w[1][0]  … w[w-1][0]         w[w][0]  …
//   w[0][1]  w[1][1]  … w[w-1][1]         …
//   …                                     w[w][k-1] …
//
// kBf16, kI8: steps of w groups of 4 bytes, the consecutive inputs that one multiplication of a
// lane takes; k is filled up with zeros to whole cache lines of the other operand:
//
//   kBf16   w[0][0] w[0][1]  w[1][0] w[1][1]  …                    one step: 2 inputs
//   kI8     w[0][0] w[0][1] w[0][2] w[0][3]  w[1][0] …             one step: 4 inputs
//
// kSplit: the kBf16 panel of the nearest bf16, then that of what is left.
//
// kI8 rounds output j to q * scales[j], scales[j] = its greatest magnitude / 127 (symmetric,
// per channel: nothing to calibrate).
class PackedMatrix {
 public:
  // InvalidArgument if `weights` has not n * k values or n * k overflows; Unsupported if the table
  // has no product of these numbers.
  static Result<PackedMatrix> Pack(const KernelTable& table, Numbers numbers,
                                   std::span<const float> weights, size_t n, size_t k);

  PackedMatrix() = default;

  Numbers numbers() const { return numbers_; }
  size_t n() const { return n_; }
  size_t k() const { return k_; }
  // Memory held.
  size_t bytes() const {
    return data_.size() + scales_.size() * sizeof(float) + sums_.size() * sizeof(int32_t);
  }
  // Valid while the object lives and stays where it is.
  PackedView view() const {
    return {numbers_, panel_columns_, n_, k_, steps_, data_.data(), scales_.data(), sums_.data()};
  }

 private:
  void PackF32(const float* weights);
  void PackBf16(const float* weights);
  void PackI8(const float* weights);

  Numbers numbers_ = Numbers::kF32;
  size_t panel_columns_ = 0;
  size_t n_ = 0;
  size_t k_ = 0;
  size_t steps_ = 0;
  AlignedBuffer<std::byte> data_;
  AlignedBuffer<float> scales_;
  AlignedBuffer<int32_t> sums_;
};

// The product of the table that takes packed weights of these numbers; null: it has none.
using Gemm = void (*)(const GemmArgs& args) noexcept;
Gemm GemmFor(const KernelTable& table, Numbers numbers);

// "fp32", "bf16", "bf16x3" (kSplit: three products of bf16), "int8".
const char* NumbersName(Numbers numbers);

}  // namespace podium::kernels
