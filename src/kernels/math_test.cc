// Activations against double over all magnitudes of float.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/format.h"
#include "kernels/kernels_test_util.h"

namespace podium::kernels {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

double Exact(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone: return x;
    case Activation::kGeluErf: return 0.5 * x * std::erfc(-x * std::sqrt(0.5));
    case Activation::kGeluTanh: {
      const double u = std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x);
      return x / (1 + std::exp(-2 * u));
    }
    case Activation::kRelu: return x < 0 ? 0.0 : x;
    case Activation::kSilu: return x / (1 + std::exp(-x));
    case Activation::kTanh: return std::tanh(x);
  }
  return x;
}

struct Promise {
  Activation activation;
  const char* name;
  double relative;  // error <= relative * |exact| …
  double of_input;  // … + of_input * |x| …
  double absolute;  // … + absolute
};

// Those of math_f32-inl.h. of_input of the GELUs and SiLU: where the tail is cut off or exp leaves
// the normal range.
constexpr Promise kPromises[] = {
    {Activation::kNone, "none", 0, 0, 0},
    {Activation::kGeluErf, "gelu_erf", 0, 1.2e-7, 1e-44},
    {Activation::kGeluTanh, "gelu_tanh", 0, 1.5e-7, 1e-44},
    {Activation::kRelu, "relu", 0, 0, 0},
    {Activation::kSilu, "silu", 0, 1.5e-7, 1e-44},
    {Activation::kTanh, "tanh", 3 * 0x1p-23, 0, 1e-44},
};

class ActivationTest : public KernelsTest {};

// Some 750,000 values: every 8009th bit pattern of both signs (so all exponents, and in each
// some 1000 fractions), and a fine grid where the functions bend.
std::vector<float> Inputs() {
  std::vector<float> inputs;
  for (uint64_t bits = 0; bits < 0x7F800000; bits += 8009) {
    inputs.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    inputs.push_back(-inputs.back());
  }
  for (int i = -100'000; i <= 100'000; ++i) {
    inputs.push_back(static_cast<float>(i) * 2e-4F);
  }
  return inputs;
}

TEST_P(ActivationTest, IsWithinThePromisedErrorOverAllMagnitudes) {
  const std::vector<float> inputs = Inputs();
  for (const Promise& promise : kPromises) {
    WorstCase worst(promise.name);
    std::vector<float> y = inputs;
    table().activate(promise.activation, y.data(), y.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double wanted = Exact(promise.activation, inputs[i]);
      const double bound = promise.relative * std::abs(wanted) +
                           promise.of_input * std::abs(inputs[i]) + promise.absolute;
      ASSERT_TRUE(worst.Within(y[i], wanted, bound, [&] { return Format("{}", inputs[i]); }))
          << promise.name << '(' << inputs[i] << ") = " << y[i] << ", wanted " << wanted;
    }
  }
}

TEST_P(ActivationTest, TailsKeepRelativeAccuracy) {
  // To 1e-5 of the value as far out as x = -6, where 1 + erf in float has lost every digit.
  for (const Activation activation :
       {Activation::kGeluErf, Activation::kGeluTanh, Activation::kSilu}) {
    for (float x = -6.0F; x < 0.0F; x += 0.001F) {
      float y = x;
      table().activate(activation, &y, 1);
      const double wanted = Exact(activation, x);
      ASSERT_NEAR(y, wanted, 1e-5 * std::abs(wanted)) << x;
    }
  }
}

TEST_P(ActivationTest, SpecialValues) {
  for (const Promise& promise : kPromises) {
    // NaN in every lane in turn comes out, and only there.
    for (size_t lane = 0; lane < 19; ++lane) {
      std::vector<float> x(19, 0.5F);
      x[lane] = kNan;
      table().activate(promise.activation, x.data(), x.size());
      for (size_t i = 0; i < x.size(); ++i) {
        EXPECT_EQ(std::isnan(x[i]), i == lane) << promise.name << ' ' << lane;
      }
    }
    float top = kInfinity;
    table().activate(promise.activation, &top, 1);
    EXPECT_EQ(top, promise.activation == Activation::kTanh ? 1.0F : kInfinity) << promise.name;
    float zero = 0.0F;
    table().activate(promise.activation, &zero, 1);
    EXPECT_EQ(zero, 0.0F) << promise.name;
  }
  float x = -kInfinity;
  table().activate(Activation::kTanh, &x, 1);
  EXPECT_EQ(x, -1.0F);
  x = -kInfinity;
  table().activate(Activation::kRelu, &x, 1);
  EXPECT_EQ(x, 0.0F);
  // x * Phi(x) is -infinity * 0 there, in the reference too.
  for (const Activation activation :
       {Activation::kGeluErf, Activation::kGeluTanh, Activation::kSilu}) {
    x = -kInfinity;
    table().activate(activation, &x, 1);
    EXPECT_TRUE(std::isnan(x));
  }
}

TEST_P(ActivationTest, AnElementDoesNotDependOnItsPlace) {
  const std::vector<float> x = RandomValues(75, 1);
  for (const Promise& promise : kPromises) {
    std::vector<float> all = x;
    table().activate(promise.activation, all.data(), all.size());
    for (size_t i = 0; i < x.size(); ++i) {
      float y = x[i];
      table().activate(promise.activation, &y, 1);
      EXPECT_EQ(std::bit_cast<uint32_t>(y), std::bit_cast<uint32_t>(all[i])) << promise.name;
    }
  }
}

PODIUM_INSTANTIATE_KERNELS_TEST(ActivationTest);

}  // namespace
}  // namespace podium::kernels
