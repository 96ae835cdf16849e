#include "nn/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace podium::nn {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Sum of the products of both sequences' distances from their means.
double Covariation(std::span<const double> a, std::span<const double> b) {
  const double mean_a = Mean(a);
  const double mean_b = Mean(b);
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    sum += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return sum;
}

// Rank of each value, equal ones at the mean of their places. NaN ranks highest.
std::vector<double> Ranks(std::span<const float> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&values](size_t i) {
    return std::isnan(values[i]) ? kInfinity : static_cast<double>(values[i]);
  };
  std::sort(order.begin(), order.end(), [&key](size_t a, size_t b) { return key(a) < key(b); });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && key(order[end]) == key(order[begin])) {
      ++end;
    }
    for (size_t i = begin; i < end; ++i) {
      ranks[order[i]] = static_cast<double>(begin + end - 1) / 2;
    }
    begin = end;
  }
  return ranks;
}

double RankCorrelation(std::span<const float> a, std::span<const float> b) {
  const std::vector<double> ranks_a = Ranks(a);
  const std::vector<double> ranks_b = Ranks(b);
  const double spread = std::sqrt(Covariation(ranks_a, ranks_a) * Covariation(ranks_b, ranks_b));
  return spread > 0 ? Covariation(ranks_a, ranks_b) / spread : 1;
}

double InDeviations(double difference, double deviation) {
  if (difference == 0) {
    return 0;
  }
  return deviation > 0 ? difference / deviation : kInfinity;
}

}  // namespace

double Agreement::ratio() const {
  return InDeviations(worst, deviation);
}

double Agreement::typical_ratio() const {
  return InDeviations(root_mean_square, deviation);
}

Agreement Compare(std::span<const float> exact, std::span<const float> actual) {
  Agreement agreement;
  agreement.values = exact.size();
  double squares = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double difference =
        std::abs(static_cast<double>(actual[i]) - static_cast<double>(exact[i]));
    agreement.worst = std::isfinite(difference) ? std::max(agreement.worst, difference) : kInfinity;
    if (agreement.worst == kInfinity) {
      squares = kInfinity;
      break;
    }
    squares += difference * difference;
  }
  if (exact.empty()) {
    agreement.rank_correlation = 1;
    return agreement;
  }
  agreement.root_mean_square = std::sqrt(squares / static_cast<double>(exact.size()));
  const std::vector<double> values(exact.begin(), exact.end());
  agreement.deviation = std::sqrt(Covariation(values, values) / static_cast<double>(values.size()));
  agreement.rank_correlation = RankCorrelation(exact, actual);
  return agreement;
}

double AgreementLimit(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
    case Precision::kFp32: return 1e-4;
    case Precision::kBf16: return 0.02;
    case Precision::kBf16x3: return 0.001;
    case Precision::kInt8: return 0.08;
  }
  return 0;
}

double FaultLimit(Precision precision) {
  return 10 * AgreementLimit(precision);
}

}  // namespace podium::nn
