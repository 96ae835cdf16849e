// AVX-512 elementwise and row kernels; rows_f32-inl.h and math_f32-inl.h have the loops.
#include <cstddef>
#include <cstdint>

#include "kernels/convert-inl.h"
#include "kernels/layer_norm-inl.h"
#include "kernels/rows_f32-inl.h"

namespace podium::kernels {

void LayerNormAvx512(const LayerNormArgs& args) noexcept {
  LayerNormRows(args);
}

void ConvertAvx512(const ConvertArgs& args) noexcept {
  ConvertRows(args);
}

void SoftmaxAvx512(float* x, size_t rows, size_t cols) noexcept {
  for (size_t i = 0; i < rows && cols > 0; ++i) {
    SoftmaxRow(x + i * cols, cols);
  }
}

void ActivateAvx512(Activation activation, float* x, size_t count) noexcept {
  ActivateAll(activation, x, count);
}

void AddAvx512(const float* a, const float* b, size_t count, float* y) noexcept {
  AddAll(a, b, count, y);
}

float DotAvx512(const float* a, const float* b, size_t count) noexcept {
  return DotRow(a, b, count);
}

void L2NormalizeAvx512(float* x, size_t rows, size_t cols) noexcept {
  for (size_t i = 0; i < rows; ++i) {
    L2NormalizeRow(x + i * cols, cols);
  }
}

}  // namespace podium::kernels
