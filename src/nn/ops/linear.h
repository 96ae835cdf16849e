// y = activation(x W^T + b) + residual: the linear layer that all others are made of.
#pragma once

#include <cstddef>
#include <span>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/activation.h"
#include "nn/ops/crew.h"

namespace podium::nn {

// Immutable; safe to use from many threads. Holds the weights in the layout of one kernel table.
// This is where other precisions enter: PackedMatrix knows its format, so nothing above this class
// has to.
class Linear {
 public:
  Linear() = default;
  // weight is [outputs x inputs] as torch.nn.Linear keeps it; bias has `outputs` values, or none.
  static Result<Linear> Create(const kernels::KernelTable& table, std::span<const float> weight,
                               std::span<const float> bias, size_t outputs, size_t inputs);

  struct Args {
    const float* x = nullptr;  // [rows x inputs]
    size_t rows = 0;
    float* y = nullptr;  // [rows x outputs]; overlaps neither x nor residual
    Activation activation = Activation::kNone;
    const float* residual = nullptr;  // [rows x outputs] or null
  };
  void Apply(const Args& args, Crew& crew) const;

  size_t inputs() const { return weight_.k(); }
  size_t outputs() const { return weight_.n(); }
  size_t bytes() const { return weight_.bytes() + bias_.size() * sizeof(float); }

 private:
  const kernels::KernelTable* table_ = nullptr;
  kernels::PackedMatrix weight_;
  AlignedBuffer<float> bias_;
};

}  // namespace podium::nn
