// Layer normalisation over the last dimension.
#pragma once

#include <cstddef>
#include <utility>

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/crew.h"

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
  void Apply(float* x, size_t rows, Crew& crew) const {
    crew.Share(rows, 1, [&](size_t begin, size_t end, Scratch&) {
      float* part = x + begin * width();
      table_->layer_norm({.x = part,
                          .gamma = gamma_.data(),
                          .beta = beta_.data(),
                          .eps = eps_,
                          .rows = end - begin,
                          .cols = width(),
                          .y = part});
    });
  }

  size_t width() const { return gamma_.size(); }

 private:
  const kernels::KernelTable* table_ = nullptr;
  AlignedBuffer<float> gamma_;
  AlignedBuffer<float> beta_;
  float eps_ = 0.0F;
};

}  // namespace podium::nn
