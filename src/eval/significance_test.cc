#include "eval/significance.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::eval {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// P(|T| >= t) by Simpson's rule over the density on [0, t].
double StudentByQuadrature(double t, double v) {
  const double scale =
      std::exp(std::lgamma((v + 1) / 2) - std::lgamma(v / 2)) / std::sqrt(v * std::numbers::pi);
  const auto density = [&](double x) { return scale * std::pow(1 + x * x / v, -(v + 1) / 2); };
  constexpr int kSteps = 4000;
  const double h = t / kSteps;
  double sum = density(0) + density(t);
  for (int i = 1; i < kSteps; ++i) {
    sum += (i % 2 == 1 ? 4 : 2) * density(i * h);
  }
  return 1 - 2 * sum * h / 3;
}

TEST(StudentTest, EqualsClosedForms) {
  for (const double t : {0.0, 1e-8, 0.3, 1.0, 2.5, 12.0, 1e4}) {
    EXPECT_NEAR(StudentTwoSided(t, 1), 1 - 2 / std::numbers::pi * std::atan(t), 1e-14) << t;
    EXPECT_NEAR(StudentTwoSided(t, 2), 1 - t / std::sqrt(2 + t * t), 1e-14) << t;
    EXPECT_DOUBLE_EQ(StudentTwoSided(-t, 7), StudentTwoSided(t, 7));
  }
  EXPECT_EQ(StudentTwoSided(std::numeric_limits<double>::infinity(), 5), 0);
}

TEST(StudentTest, EqualsPublishedCriticalValues) {
  // Two-sided 5 % and 1 % points, Abramowitz and Stegun table 26.10.
  EXPECT_NEAR(StudentTwoSided(12.706, 1), 0.05, 1e-5);
  EXPECT_NEAR(StudentTwoSided(2.262, 9), 0.05, 2e-5);
  EXPECT_NEAR(StudentTwoSided(2.042, 30), 0.05, 5e-5);
  EXPECT_NEAR(StudentTwoSided(3.250, 9), 0.01, 1e-5);
  EXPECT_NEAR(StudentTwoSided(2.617, 120), 0.01, 2e-5);
}

TEST(StudentTest, EqualsQuadrature) {
  for (const double v : {1.0, 3.0, 4.5, 10.0, 49.0, 299.0, 7000.0}) {
    for (const double t : {0.01, 0.7, 1.96, 3.5}) {
      EXPECT_NEAR(StudentTwoSided(t, v), StudentByQuadrature(t, v), 1e-10) << t << " " << v;
    }
  }
}

TEST(StudentTest, KeepsTheDigitsOfATinyP) {
  // v = 2: p = 1 - t / sqrt(2 + t^2) = 1 / t^2 - …, which the closed form cancels away.
  EXPECT_NEAR(StudentTwoSided(1e6, 2) * 1e12, 1, 1e-9);
  EXPECT_NEAR(StudentTwoSided(1e100, 1) * std::numbers::pi / 2 * 1e100, 1, 1e-9);
}

TEST(IncompleteBetaTest, IsSymmetricAndHitsTheEnds) {
  EXPECT_EQ(IncompleteBeta(2, 3, 0), 0);
  EXPECT_EQ(IncompleteBeta(2, 3, 1), 1);
  EXPECT_NEAR(IncompleteBeta(1, 1, 0.3), 0.3, 1e-15);
  EXPECT_NEAR(IncompleteBeta(2, 3, 0.4), 0.5248, 1e-14);  // 6x^2 - 8x^3 + 3x^4
  for (const double x : {0.1, 0.5, 0.9}) {
    EXPECT_NEAR(IncompleteBeta(0.5, 40, x) + IncompleteBeta(40, 0.5, 1 - x), 1, 1e-14);
  }
}

TEST(PairedTTestTest, EqualsGossetsSleepData) {
  // "Student", The probable error of a mean, 1908: extra hours of sleep under two drugs, t = 4.06,
  // in modern tables t = 4.0621, p = 0.002833.
  const std::vector<double> differences = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
  const TTest test = PairedTTest(differences);
  EXPECT_NEAR(test.t, 4.0621, 5e-5);
  EXPECT_EQ(test.degrees_of_freedom, 9);
  EXPECT_NEAR(test.p, 0.002833, 5e-7);
}

TEST(PairedTTestTest, HandlesDegenerateInput) {
  EXPECT_EQ(PairedTTest({}).p, 1);
  EXPECT_EQ(PairedTTest(std::vector<double>{0.5}).p, 1);
  EXPECT_EQ(PairedTTest(std::vector<double>{0, 0, 0}).p, 1);
  EXPECT_EQ(PairedTTest(std::vector<double>{1, -1}).p, 1);
  const TTest constant = PairedTTest(std::vector<double>{-0.1, -0.1, -0.1});
  EXPECT_EQ(constant.t, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(constant.p, 0);
}

TEST(RandomisationTestTest, CountsEveryAssignmentOfFewDifferences) {
  // 1 + 2 + 3 is reached in size by +++ and --- only.
  RandomisationTest test = PairedRandomisationTest(std::vector<double>{1, 2, 3});
  EXPECT_TRUE(test.exact);
  EXPECT_EQ(test.permutations, 8U);
  EXPECT_EQ(test.p, 0.25);
  // |1 + 2 - 3| = 0 is reached by all.
  EXPECT_EQ(PairedRandomisationTest(std::vector<double>{1, 2, -3}).p, 1);
  // Zeros change nothing.
  test = PairedRandomisationTest(std::vector<double>{0, 1, 0, 2, 3, 0});
  EXPECT_EQ(test.permutations, 8U);
  EXPECT_EQ(test.p, 0.25);
  EXPECT_EQ(PairedRandomisationTest({}).p, 1);
}

// Sums that are equal but for rounding count as reached.
TEST(RandomisationTestTest, DoesNotLoseTiesToRounding) {
  // 14 differences of 0.1 or its multiples; p counts the assignments with integer arithmetic.
  const std::vector<int> tenths = {1, 2, 3, -1, 4, 1, 1, -2, 3, 5, -1, 2, 2, 1};
  std::vector<double> differences;
  int observed = 0;
  for (const int t : tenths) {
    differences.push_back(t / 10.0);
    observed += t;
  }
  uint64_t hits = 0;
  for (uint64_t signs = 0; signs < (1U << tenths.size()); ++signs) {
    int sum = 0;
    for (size_t i = 0; i < tenths.size(); ++i) {
      sum += (signs >> i & 1U) != 0 ? tenths[i] : -tenths[i];
    }
    hits += std::abs(sum) >= std::abs(observed) ? 1 : 0;
  }
  const RandomisationTest test = PairedRandomisationTest(differences);
  EXPECT_TRUE(test.exact);
  EXPECT_EQ(test.p, static_cast<double>(hits) / 16384.0);
}

TEST(RandomisationTestTest, DrawnPermutationsApproachTheExactValue) {
  std::mt19937 random(3);
  std::vector<double> differences(15);
  for (double& difference : differences) {
    difference = static_cast<double>(random() % 1000) / 1000 - 0.4;
  }
  const RandomisationTest exact = PairedRandomisationTest(differences, {.permutations = 1 << 15});
  const RandomisationTest drawn =
      PairedRandomisationTest(differences, {.permutations = (1 << 15) - 1, .seed = 1});
  EXPECT_TRUE(exact.exact);
  EXPECT_FALSE(drawn.exact);
  EXPECT_EQ(drawn.permutations, (1U << 15) - 1);
  // Four standard errors of a share of 2^15 draws.
  EXPECT_NEAR(drawn.p, exact.p, 4 * std::sqrt(exact.p * (1 - exact.p) / (1 << 15)) + 1e-4);
}

TEST(RandomisationTestTest, IsDeterministic) {
  std::vector<double> differences(50, 0.01);
  for (size_t i = 0; i < differences.size(); i += 3) {
    differences[i] = -0.02;
  }
  differences[0] = 0.1;
  const double p = PairedRandomisationTest(differences, {.permutations = 2000, .seed = 5}).p;
  EXPECT_EQ(PairedRandomisationTest(differences, {.permutations = 2000, .seed = 5}).p, p);
  EXPECT_NE(PairedRandomisationTest(differences, {.permutations = 2000, .seed = 6}).p, p);
}

TEST(RandomisationTestTest, NeverGivesZero) {
  const std::vector<double> differences(200, 0.5);
  EXPECT_EQ(PairedRandomisationTest(differences, {.permutations = 999}).p, 0.001);
}

TEST(HolmAdjustTest, StepsDown) {
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.01, 0.04, 0.03, 0.005}),
              ElementsAre(DoubleNear(0.03, 1e-15), DoubleNear(0.06, 1e-15), DoubleNear(0.06, 1e-15),
                          DoubleNear(0.02, 1e-15)));
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.6, 0.5}), ElementsAre(1, 1));
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.2}), ElementsAre(0.2));
  EXPECT_TRUE(HolmAdjust({}).empty());
}

}  // namespace
}  // namespace podium::eval
