// exp, tanh and the activations in terms of Vec. Everything is private to
// the including file.
//
// Polynomials are minimax fits (Remez exchange in double precision); the error of each is stated
// beside it. The errors of the functions are against double, over every 97th float of the range;
// math_test.cc holds them to it.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// Adding and subtracting 1.5 * 2^23 rounds a float below 2^22 to a whole number.
constexpr float kRoundingShift = 12582912.0F;
constexpr float kLog2E = 1.44269504F;
// ln 2 in two parts, the upper with 9 trailing zero bits, so that n * kLn2High is exact for n <
// 512.
constexpr float kLn2High = 0.693145752F;
constexpr float kLn2Low = 1.42860677e-6F;

// x = n * ln 2 + f with whole n and |f| <= ln 2 / 2.
struct ExpParts {
  Vec n;
  Vec f;
};

PODIUM_VEC_INLINE ExpParts SplitForExp(Vec x) {
  const Vec shift = Set1(kRoundingShift);
  const Vec n = Fma(x, Set1(kLog2E), shift) - shift;
  const Vec f = NegFma(n, Set1(kLn2Low), NegFma(n, Set1(kLn2High), x));
  return {n, f};
}

// exp(f) - 1 for |f| <= ln 2 / 2: f + f^2 P(f), |relative error of exp| <= 3.1e-9.
PODIUM_VEC_INLINE Vec ExpMinus1Reduced(Vec f) {
  Vec p = Fma(Set1(0.00138143192F), f, Set1(0.00836885111F));
  p = Fma(p, f, Set1(0.0416684011F));
  p = Fma(p, f, Set1(0.166665195F));
  p = Fma(p, f, Set1(0.499999934F));
  return Fma(p * f, f, f);
}

// exp(x) to 1 ulp: 0.98 at worst, measured from -104 to 88.7. From 88.73 on infinity, below -103.98
// zero.
PODIUM_VEC_INLINE Vec Exp(Vec x) {
  // exp(-104) rounds to 0, exp(89) to infinity. NaN passes both (see Min).
  x = Min(Set1(89.0F), Max(Set1(-104.5F), x));
  const ExpParts parts = SplitForExp(x);
  return TimesPowerOf2(Set1(1.0F) + ExpMinus1Reduced(parts.f), parts.n);
}

// tanh(x) to 3 ulp (2.62 at worst, measured), from exp(2 |x|) - 1 = 2^n (exp(f) - 1) + (2^n - 1),
// which keeps the relative accuracy near 0.
PODIUM_VEC_INLINE Vec Tanh(Vec x) {
  // tanh(9.1) rounds to 1.
  const Vec t = Min(Set1(9.1F), Abs(x));
  const ExpParts parts = SplitForExp(t + t);
  const Vec power = TimesPowerOf2(Set1(1.0F), parts.n);
  const Vec e = Fma(power, ExpMinus1Reduced(parts.f), power - Set1(1.0F));
  return WithSign(e / (e + Set1(2.0F)), x);
}

// x * Phi(x), Phi the normal distribution function, within 1.2e-7 |x| (1.05e-7 measured); for x in
// [-5, 0] also within 32 ulp of the value (1e-5 down to -6).
//
// The tail Q(t) = Phi(-t) is 2^L(t) with L a polynomial: log2 Q is smooth, so eleven FMAs give
// Q to 1.3e-8 for t in [0, 7], and the tail keeps relative accuracy where 1 + erf(x) would cancel.
// Past 7, Q < 1.3e-12 counts as zero.
PODIUM_VEC_INLINE Vec GeluErf(Vec x) {
  const Vec t = Abs(x);
  Vec y = Fma(Set1(1.64371026e-9F), t, Set1(-6.7980392e-8F));
  y = Fma(y, t, Set1(1.23104951e-6F));
  y = Fma(y, t, Set1(-1.27193561e-5F));
  y = Fma(y, t, Set1(8.02788061e-5F));
  y = Fma(y, t, Set1(-0.000280234F));
  y = Fma(y, t, Set1(-1.47052276e-5F));
  y = Fma(y, t, Set1(0.00697668288F));
  y = Fma(y, t, Set1(-0.0524660473F));
  y = Fma(y, t, Set1(-0.459211876F));
  y = Fma(y, t, Set1(-1.15110532F));
  y = Fma(y, t, Set1(-0.999999981F));
  // 2^y = 2^n * 2^f, |f| <= 1/2: 1 + f ln 2 + f^2 P(f), relative error 3.1e-9.
  const Vec shift = Set1(kRoundingShift);
  const Vec n = (y + shift) - shift;
  const Vec f = y - n;
  Vec p = Fma(Set1(0.000153208286F), f, Set1(0.00133903875F));
  p = Fma(p, f, Set1(0.00961852948F));
  p = Fma(p, f, Set1(0.0555036186F));
  p = Fma(p, f, Set1(0.240226475F));
  p = Fma(p, f, Set1(0.693147181F));
  p = Fma(p, f, Set1(1.0F));
  const Vec tail = ZeroIfGreater(t, Set1(7.0F), TimesPowerOf2(p, n));
  return x * IfLess(x, Zero(), tail, Set1(1.0F) - tail);
}

// Within 1.5e-7 |x| (1.17e-7 measured), 6 ulp from -2 up.
// x / (1 + exp(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3): equal to x / 2 (1 + tanh(u)) without its
// cancellation.
PODIUM_VEC_INLINE Vec GeluTanh(Vec x) {
  const Vec linear = Set1(-1.59576912F);   // -2 sqrt(2 / pi)
  const Vec cubic = Set1(-0.0713548163F);  // that times 0.044715
  const Vec u = x * Fma(cubic, x * x, linear);
  return x / (Set1(1.0F) + Exp(u));
}

// Within 1.5e-7 |x| (1.17e-7 measured), and 3 ulp from -80 up; below -88.7, where exp overflows, 0.
PODIUM_VEC_INLINE Vec Silu(Vec x) {
  return x / (Set1(1.0F) + Exp(Zero() - x));
}

PODIUM_VEC_INLINE Vec Relu(Vec x) {
  return Max(Zero(), x);  // NaN stays NaN (see Max)
}

// Calls visit(f) with the function of one vector that `activation` stands for.
template <typename Visitor>
PODIUM_VEC_INLINE void WithActivation(Activation activation, Visitor visit) {
  switch (activation) {
    case Activation::kNone: visit([](Vec x) PODIUM_VEC_LAMBDA { return x; }); break;
    case Activation::kGeluErf: visit([](Vec x) PODIUM_VEC_LAMBDA { return GeluErf(x); }); break;
    case Activation::kGeluTanh: visit([](Vec x) PODIUM_VEC_LAMBDA { return GeluTanh(x); }); break;
    case Activation::kRelu: visit([](Vec x) PODIUM_VEC_LAMBDA { return Relu(x); }); break;
    case Activation::kSilu: visit([](Vec x) PODIUM_VEC_LAMBDA { return Silu(x); }); break;
    case Activation::kTanh: visit([](Vec x) PODIUM_VEC_LAMBDA { return Tanh(x); }); break;
  }
}

}  // namespace
}  // namespace podium::kernels
