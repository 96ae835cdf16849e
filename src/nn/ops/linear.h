// y = activation(x W^T + b) + residual: the linear layer that all others are made of.
#pragma once

#include <cstddef>
#include <span>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/activation.h"
#include "nn/ops/crew.h"
#include "nn/ops/matrix.h"

namespace podium::nn {

// Immutable; safe to use from many threads. Holds the weights in the layout of one kernel table.
class Linear {
 public:
  Linear() = default;
  // weight is [outputs x inputs] as torch.nn.Linear keeps it; bias has `outputs` values, or none.
  // Unsupported where the table has no product in `numbers`.
  static Result<Linear> Create(const kernels::KernelTable& table, Numbers numbers,
                               std::span<const float> weight, std::span<const float> bias,
                               size_t outputs, size_t inputs);

  struct Args {
    kernels::ConstRows x;  // [rows x inputs], of numbers()
    size_t rows = 0;
    kernels::Rows y;  // [rows x outputs]; kF32, and of other numbers() kBf16 or kSplit
    Activation activation = Activation::kNone;
    const float* residual = nullptr;  // [rows x outputs] or null
  };
  // y overlaps neither x nor residual.
  void Apply(const Args& args, Crew& crew) const;

  // The arithmetic of its product.
  Numbers numbers() const { return weight_.numbers(); }

  size_t inputs() const { return weight_.k(); }
  size_t outputs() const { return weight_.n(); }
  size_t bytes() const { return weight_.bytes() + bias_.size() * sizeof(float); }

 private:
  kernels::Gemm gemm_ = nullptr;
  kernels::PackedMatrix weight_;
  AlignedBuffer<float> bias_;
};

}  // namespace podium::nn
