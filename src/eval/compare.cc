#include "eval/compare.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"

namespace podium::eval {
namespace {

// Sums of the same terms in another order differ by less; no measure has real differences this
// small.
constexpr double kTie = 1e-12;

using QueryPair = std::pair<const QueryValues*, const QueryValues*>;

// The queries of both, paired. Both lists ascend by id.
std::vector<QueryPair> PairQueries(const Evaluation& run, const Evaluation& baseline) {
  std::vector<QueryPair> pairs;
  auto other = baseline.queries.begin();
  for (const QueryValues& query : run.queries) {
    while (other != baseline.queries.end() && other->id < query.id) {
      ++other;
    }
    if (other != baseline.queries.end() && other->id == query.id) {
      pairs.emplace_back(&query, &*other);
    }
  }
  return pairs;
}

Comparison Compare(const std::vector<QueryPair>& pairs, size_t measure,
                   const RandomisationOptions& options) {
  Comparison comparison;
  comparison.measure = measure;
  comparison.queries = pairs.size();
  std::vector<double> differences;
  for (const auto& [query, other] : pairs) {
    double difference = query->values[measure] - other->values[measure];
    if (std::abs(difference) <= kTie) {
      difference = 0;
    }
    differences.push_back(difference);
    ++(difference > 0 ? comparison.wins : difference < 0 ? comparison.losses : comparison.ties);
  }
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) /
                      static_cast<double>(differences.size());
  comparison.difference = std::abs(mean) <= kTie ? 0.0 : mean;
  comparison.t_test = PairedTTest(differences);
  comparison.randomisation = PairedRandomisationTest(differences, options);
  return comparison;
}

void AdjustByMeasure(size_t measure, std::vector<Comparison>& comparisons) {
  std::vector<Comparison*> family;
  std::vector<double> t_test;
  std::vector<double> randomisation;
  for (Comparison& comparison : comparisons) {
    if (comparison.measure == measure) {
      family.push_back(&comparison);
      t_test.push_back(comparison.t_test.p);
      randomisation.push_back(comparison.randomisation.p);
    }
  }
  t_test = HolmAdjust(t_test);
  randomisation = HolmAdjust(randomisation);
  for (size_t i = 0; i < family.size(); ++i) {
    family[i]->t_test_holm = t_test[i];
    family[i]->randomisation_holm = randomisation[i];
  }
}

}  // namespace

Result<std::vector<Comparison>> CompareRuns(std::span<const Evaluation> evaluations,
                                            size_t baseline, const RandomisationOptions& options) {
  std::vector<Comparison> comparisons;
  const std::vector<Measure>& measures = evaluations[baseline].measures;
  for (size_t run = 0; run < evaluations.size(); ++run) {
    if (run == baseline) {
      continue;
    }
    const std::vector<QueryPair> pairs = PairQueries(evaluations[run], evaluations[baseline]);
    if (pairs.empty()) {
      return InvalidArgument(
          Format("run {} has no evaluated query in common with the baseline, run {}", run + 1,
                 baseline + 1));
    }
    for (size_t m = 0; m < measures.size(); ++m) {
      if (!IsCount(measures[m].kind)) {
        comparisons.push_back(Compare(pairs, m, options));
        comparisons.back().run = run;
      }
    }
  }
  for (size_t m = 0; m < measures.size(); ++m) {
    AdjustByMeasure(m, comparisons);
  }
  return comparisons;
}

}  // namespace podium::eval
