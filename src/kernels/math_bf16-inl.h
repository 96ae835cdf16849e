// Functions whose results are rounded to bf16, in terms of Vec: an error well below that rounding
// (2^-9 of the value) buys half the work of math_f32-inl.h. Minimax fits as there. Everything is
// private to the including file.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// exp(x) for x <= 0: 2^(n + f) with whole n and |f| <= 1/2, within 7.6e-5 of the value; below -87.7
// at most 2^-126.
PODIUM_VEC_INLINE Vec FastExp(Vec x) {
  const Vec shift = Set1(kRoundingShift);
  const Vec t = x * Set1(kLog2E);
  const Vec n = (Max(Set1(-126.0F), t) + shift) - shift;  // NaN stays NaN (see Max)
  const Vec f = Max(Set1(-127.0F), t) - n;
  Vec p = Fma(Set1(0.0551716685F), f, Set1(0.24261114F));
  p = Fma(p, f, Set1(0.693260968F));
  p = Fma(p, f, Set1(0.999928057F));
  return TimesPowerOf2(p, n);
}

// x Phi(x) within 1.4e-4 |x|, Phi the normal distribution function: 1/2 + t P(t^2), an odd fit of
// Phi - 1/2 to 6.4e-5 over [-3.8, 3.8]; beyond that Phi is within 7.2e-5 of 0 or 1.
PODIUM_VEC_INLINE Vec FastGeluErf(Vec x) {
  const Vec t = Max(Set1(-3.8F), Min(Set1(3.8F), x));
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
