#include "eval/significance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace podium::eval {
namespace {

// The continued fraction of I_x(a, b) by Lentz's method (DLMF 8.17.22). It converges fast for
// x < (a + 1) / (a + b + 2); some sqrt(max(a, b)) steps.
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr double kEnough = 1e-16;
  constexpr int kMostSteps = 100'000;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kMostSteps; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < kEnough) {
      break;
    }
  }
  return fraction;
}

// Splittable 64-bit generator of Steele, Lea and Flood (OOPSLA 2014): the same sequence everywhere,
// which the distributions of <random> do not promise.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

// Assignments of signs to values[from …] whose sum with `sum` reaches `least` in size.
uint64_t CountExtreme(std::span<const double> values, size_t from, double sum, double least) {
  if (from == values.size()) {
    return std::abs(sum) >= least ? 1 : 0;
  }
  return CountExtreme(values, from + 1, sum + values[from], least) +
         CountExtreme(values, from + 1, sum - values[from], least);
}

// Signed sums of eight values at a time, so that a random byte stands for eight signs.
constexpr size_t kGroup = 8;
using GroupSums = std::array<double, size_t{1} << kGroup>;

std::vector<GroupSums> TabulateGroups(std::span<const double> values) {
  std::vector<GroupSums> groups((values.size() + kGroup - 1) / kGroup);
  for (size_t g = 0; g < groups.size(); ++g) {
    const std::span<const double> group =
        values.subspan(g * kGroup, std::min(kGroup, values.size() - g * kGroup));
    for (size_t signs = 0; signs < groups[g].size(); ++signs) {
      double sum = 0;
      for (size_t i = 0; i < group.size(); ++i) {
        sum += (signs >> i & 1U) != 0 ? group[i] : -group[i];
      }
      groups[g][signs] = sum;
    }
  }
  return groups;
}

uint64_t DrawExtreme(std::span<const double> values, double least,
                     const RandomisationOptions& options) {
  constexpr size_t kBytesPerDraw = sizeof(uint64_t);
  const std::vector<GroupSums> groups = TabulateGroups(values);
  SplitMix64 random(options.seed);
  uint64_t hits = 0;
  for (uint64_t p = 0; p < options.permutations; ++p) {
    double sum = 0;
    for (size_t g = 0; g < groups.size(); g += kBytesPerDraw) {
      uint64_t bits = random.Next();
      const size_t end = std::min(g + kBytesPerDraw, groups.size());
      for (size_t i = g; i < end; ++i, bits >>= kGroup) {
        sum += groups[i][bits & ((1U << kGroup) - 1)];
      }
    }
    hits += std::abs(sum) >= least ? 1 : 0;
  }
  return hits;
}

}  // namespace

double IncompleteBeta(double a, double b, double x) {
  if (x <= 0 || x >= 1) {
    return x <= 0 ? 0 : 1;
  }
  const double log_front =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  if (x < (a + 1) / (a + b + 2)) {
    return std::exp(log_front) * BetaFraction(a, b, x) / a;
  }
  return 1 - std::exp(log_front) * BetaFraction(b, a, 1 - x) / b;
}

double StudentTwoSided(double t, double degrees_of_freedom) {
  const double square = t * t;
  if (std::isinf(square)) {
    return 0;
  }
  // Abramowitz and Stegun 26.7.1: P(|T| >= t) = I_x(v/2, 1/2) with x = v / (v + t^2). For a small
  // t, x would round to 1 and lose it: there the mirrored form with 1 - x.
  const double v = degrees_of_freedom;
  return square < v ? 1 - IncompleteBeta(0.5, v / 2, square / (v + square))
                    : IncompleteBeta(v / 2, 0.5, v / (v + square));
}

TTest PairedTTest(std::span<const double> differences) {
  TTest test;
  const auto n = static_cast<double>(differences.size());
  if (n < 2) {
    return test;
  }
  test.degrees_of_freedom = n - 1;
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  double squares = 0;
  for (const double difference : differences) {
    squares += (difference - mean) * (difference - mean);
  }
  if (mean == 0) {
    return test;
  }
  const bool constant = std::all_of(differences.begin(), differences.end(),
                                    [&](double d) { return d == differences[0]; });
  const double error = std::sqrt(squares / (n - 1) / n);
  test.t = constant ? std::copysign(std::numeric_limits<double>::infinity(), mean) : mean / error;
  test.p = StudentTwoSided(test.t, test.degrees_of_freedom);
  return test;
}

RandomisationTest PairedRandomisationTest(std::span<const double> differences,
                                          const RandomisationOptions& options) {
  std::vector<double> values;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(values),
               [](double d) { return d != 0; });
  double size = 0;
  for (const double value : values) {
    size += std::abs(value);
  }
  const double observed = std::abs(std::accumulate(values.begin(), values.end(), 0.0));
  // Assignments that reach the observed sum exactly may miss it by rounding in another order.
  const double least = observed - 1e-12 * size;
  RandomisationTest test;
  constexpr size_t kMostBits = 62;
  test.exact = values.size() <= kMostBits && (uint64_t{1} << values.size()) <= options.permutations;
  if (test.exact) {
    test.permutations = uint64_t{1} << values.size();
    test.p = static_cast<double>(CountExtreme(values, 0, 0.0, least)) /
             static_cast<double>(test.permutations);
    return test;
  }
  // Counting the observed assignment itself keeps the test valid: Phipson and Smyth, 2010.
  test.permutations = options.permutations;
  test.p = static_cast<double>(DrawExtreme(values, least, options) + 1) /
           static_cast<double>(options.permutations + 1);
  return test;
}

std::vector<double> HolmAdjust(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const double scaled = static_cast<double>(p.size() - i) * p[order[i]];
    largest = std::max(largest, std::min(scaled, 1.0));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

}  // namespace podium::eval
