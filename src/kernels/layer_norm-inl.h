// Layer normalisation in terms of Vec. Everything is private to the including file.
#pragma once

#include "kernels/convert-inl.h"
#include "kernels/kernels_internal.h"
#include "kernels/loops_f32-inl.h"

namespace podium::kernels {
namespace {

void NormalizeRow(const LayerNormArgs& args, const float* x, const float* residual, float* y) {
  const auto count = static_cast<float>(args.cols);
  const float sum = SumOver(args.cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    Vec z = LoadFirst(x + j, n);
    if (residual != nullptr) {
      z = z + LoadFirst(residual + j, n);
    }
    StoreFirst(y + j, z, n);
    return z;
  });
  const Vec mean = Set1(sum / count);
  const float squares = SumOver(args.cols, [=](size_t j, size_t n) PODIUM_VEC_LAMBDA {
    const Vec d = KeepFirst(LoadFirst(y + j, n) - mean, n);
    return d * d;
  });
  const Vec deviation = Sqrt(Set1(squares / count + args.eps));
  const Vec inverse = Set1(1.0F) / deviation;
  const float* const gamma = args.gamma;
  const float* const beta = args.beta;
  MapInPlace(y, args.cols, [=](Vec z, size_t j, size_t n) PODIUM_VEC_LAMBDA {
    const Vec scaled = (z - mean) * inverse;
    return Fma(scaled, LoadFirst(gamma + j, n), beta == nullptr ? Zero() : LoadFirst(beta + j, n));
  });
}

void LayerNormRows(const LayerNormArgs& args) {
  for (size_t i = 0; i < args.rows; ++i) {
    const size_t at = i * args.cols;
    NormalizeRow(args, args.x + at, args.residual == nullptr ? nullptr : args.residual + at,
                 args.y + at);
    ConvertNormalized(args, i, ConvertRows);
  }
}

}  // namespace
}  // namespace podium::kernels
