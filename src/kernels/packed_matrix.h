// The weights of a linear layer, rearranged once at load time for the kernels of one table.
#pragma once

#include <cstddef>
#include <span>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "kernels/kernel_table.h"

namespace podium::kernels {

// Owns a [n x k] matrix (n outputs, k inputs, as torch.nn.Linear keeps it) in the layout of a
// WeightFormat. Immutable after Pack, so safe to read from many threads; move-only.
//
// kF32Panels: panel p holds outputs [p * w, (p + 1) * w), w = the table's panel_columns, as k rows
// of w floats, so that a kernel reads w outputs for one input with whole aligned vectors. The last
// panel is filled up with zeros:
//
//   panel 0                               panel 1
//   w[0][0]  w[1][0]  … w[w-1][0]         w[w][0]  …
//   w[0][1]  w[1][1]  … w[w-1][1]         …
//   …                                     w[w][k-1] …
class PackedMatrix {
 public:
  // InvalidArgument if `weights` has not n * k values or n * k overflows.
  static Result<PackedMatrix> Pack(const KernelTable& table, std::span<const float> weights,
                                   size_t n, size_t k);

  PackedMatrix() = default;

  size_t n() const { return n_; }
  size_t k() const { return k_; }
  // Memory held.
  size_t bytes() const { return values_.size() * sizeof(float); }
  // Valid while the object lives and stays where it is.
  PackedView view() const { return {format_, panel_columns_, n_, k_, values_.data()}; }

 private:
  WeightFormat format_ = WeightFormat::kF32Panels;
  size_t panel_columns_ = 0;
  size_t n_ = 0;
  size_t k_ = 0;
  AlignedBuffer<float> values_;
};

}  // namespace podium::kernels
