// Is the difference between two systems on the same queries more than chance? Two paired tests and
// a correction for asking often. docs/evaluation.md gives formulas and sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace podium::eval {

// The regularised incomplete beta function I_x(a, b) to some 14 digits.
// REQUIRES: a > 0, b > 0, 0 <= x <= 1.
double IncompleteBeta(double a, double b, double x);

// P(|T| >= |t|) for Student's t distribution. REQUIRES: degrees_of_freedom > 0, t not NaN.
double StudentTwoSided(double t, double degrees_of_freedom);

struct TTest {
  double t = 0;  // may be infinite: all differences equal and not zero
  double degrees_of_freedom = 0;
  double p = 1;  // two-sided
};

// Paired t-test that the mean of the differences is zero. Fewer than two differences, or all of
// them zero: t = 0, p = 1.
TTest PairedTTest(std::span<const double> differences);

struct RandomisationOptions {
  uint64_t permutations = 100'000;  // drawn where trying all would be more
  uint64_t seed = 42;
};

struct RandomisationTest {
  double p = 1;  // two-sided
  uint64_t permutations = 0;
  bool exact = false;  // every assignment was tried
};

// Paired randomisation (permutation) test: if the systems were the same, each difference could as
// well have the other sign. p is the share of sign assignments whose sum is at least as far from
// zero as the observed one; over all 2^n assignments when those are at most options.permutations (n
// counts the differences that are not zero), else (1 + hits) / (1 + permutations) over random ones.
// The same input and seed give the same p on every machine. REQUIRES: options.permutations > 0.
RandomisationTest PairedRandomisationTest(std::span<const double> differences,
                                          const RandomisationOptions& options = {});

// Holm's step-down correction (Holm-Bonferroni) of p-values that were tested together: the adjusted
// values, in the same order.
std::vector<double> HolmAdjust(std::span<const double> p);

}  // namespace podium::eval
