// Functions whose results are rounded to bf16, for AVX-512: an error well below that rounding (up
// to 2^-8 of the value) buys half the work of math_f32-inl.h. Minimax fits as there. Everything is
// private to the including file.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// 2^t within 7.6e-5 of the value; minus infinity gives 0.
// 2^floor(t) p(f) with f = t - floor(t), which VREDUCEPS gives and VSCALEFPS takes.
PODIUM_VEC_INLINE Vec FastExp2(Vec t) {
  constexpr int kFractionAboveFloor = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
  const Vec f = {_mm512_reduce_ps(t.v, kFractionAboveFloor)};
  Vec p = Fma(Set1(0.0780245215F), f, Set1(0.226067171F));
  p = Fma(p, f, Set1(0.695833504F));
  p = Fma(p, f, Set1(0.999925196F));
  return {_mm512_scalef_ps(p.v, t.v)};
}

// x Phi(x) within 1.4e-4 |x|, Phi the normal distribution function: 1/2 + t P(t^2), an odd fit of
// Phi - 1/2 to 6.4e-5 over [-3.8, 3.8]; beyond that Phi is within 7.2e-5 of 0 or 1.
PODIUM_VEC_INLINE Vec FastGeluErf(Vec x) {
  constexpr int kLesserMagnitude = 2;  // with the sign of the first operand
  const Vec t = {_mm512_range_ps(x.v, _mm512_set1_ps(3.8F), kLesserMagnitude)};
  const Vec s = t * t;
  Vec p = Fma(Set1(3.66577098e-8F), s, Set1(-2.27245914e-6F));
  p = Fma(p, s, Set1(6.06847534e-5F));
  p = Fma(p, s, Set1(-0.000931547198F));
  p = Fma(p, s, Set1(0.00931663346F));
  p = Fma(p, s, Set1(-0.0657197833F));
  p = Fma(p, s, Set1(0.398676753F));
  return x * Fma(p, t, Set1(0.5F));
}

// As WithActivation, for results that become bf16.
template <typename Visitor>
PODIUM_VEC_INLINE void WithFastActivation(Activation activation, Visitor visit) {
  if (activation == Activation::kGeluErf) {
    visit([](Vec x) PODIUM_VEC_LAMBDA { return FastGeluErf(x); });
  } else {
    WithActivation(activation, visit);
  }
}

}  // namespace
}  // namespace podium::kernels
