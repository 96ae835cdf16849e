// Private: the functions that the per-ISA files define and kernels.cc collects into tables.
#pragma once

#include "kernels/kernel_table.h"

namespace podium::kernels {

void GemmF32Scalar(const GemmArgs& args) noexcept;
void AttentionF32Scalar(const AttentionArgs& args) noexcept;
void LayerNormScalar(const LayerNormArgs& args) noexcept;
void SoftmaxScalar(float* x, size_t rows, size_t cols) noexcept;
void ActivateScalar(Activation activation, float* x, size_t count) noexcept;
void AddScalar(const float* a, const float* b, size_t count, float* y) noexcept;
float DotScalar(const float* a, const float* b, size_t count) noexcept;
void L2NormalizeScalar(float* x, size_t rows, size_t cols) noexcept;

}  // namespace podium::kernels
