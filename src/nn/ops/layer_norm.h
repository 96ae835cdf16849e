// Layer normalisation over the last dimension.
#pragma once

#include <cstddef>
#include <utility>

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/crew.h"
#include "nn/ops/matrix.h"

namespace podium::nn {

// Immutable; safe to use from many threads.
class LayerNorm {
 public:
  LayerNorm() = default;
  // beta may be empty: no shift. REQUIRES: otherwise both have the same size.
  LayerNorm(const kernels::KernelTable& table, AlignedBuffer<float> gamma,
            AlignedBuffer<float> beta, double eps)
      : table_(&table),
        gamma_(std::move(gamma)),
        beta_(std::move(beta)),
        eps_(static_cast<float>(eps)) {}

  // x is [rows x width()], changed in place.
  void Apply(float* x, size_t rows, Crew& crew) const { Run(x, rows, {}, crew); }

  // The same; returns the result as a product in `numbers` reads it: x itself, or `operand`.
  kernels::ConstRows Apply(float* x, size_t rows, Numbers numbers, Matrix& operand,
                           Crew& crew) const {
    if (numbers == Numbers::kF32) {
      Run(x, rows, {}, crew);
      return FloatRows(x, width());
    }
    operand.Resize(numbers, rows, width());
    Run(x, rows, operand.rows(), crew);
    return operand.rows();
  }

  size_t width() const { return gamma_.size(); }

 private:
  void Run(float* x, size_t rows, const kernels::Rows& operand, Crew& crew) const {
    crew.Share(rows, 1, [&](size_t begin, size_t end, Scratch&) {
      float* part = x + begin * width();
      table_->layer_norm({.x = part,
                          .gamma = gamma_.data(),
                          .beta = beta_.data(),
                          .eps = eps_,
                          .rows = end - begin,
                          .cols = width(),
                          .y = part,
                          .operand = operand.data == nullptr ? operand : RowsFrom(operand, begin)});
    });
  }

  const kernels::KernelTable* table_ = nullptr;
  AlignedBuffer<float> gamma_;
  AlignedBuffer<float> beta_;
  float eps_ = 0.0F;
};

}  // namespace podium::nn
