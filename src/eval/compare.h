// Sets evaluated runs beside a baseline: differences, who wins how many queries, significance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "podium/status.h"

#include "eval/evaluate.h"
#include "eval/significance.h"

namespace podium::eval {

// One run against the baseline by one measure, over the queries that both were evaluated on.
struct Comparison {
  size_t run = 0;      // position among the evaluations
  size_t measure = 0;  // position among their measures
  size_t queries = 0;
  double difference = 0;  // mean of run minus baseline
  size_t wins = 0;        // queries on which the run is better by more than 1e-12
  size_t ties = 0;
  size_t losses = 0;
  TTest t_test;
  RandomisationTest randomisation;
  // p-values by Holm's correction over the runs compared by this measure; equal to the plain ones
  // where a single run is compared.
  double t_test_holm = 1;
  double randomisation_holm = 1;
};

// Every run but the baseline by every measure that is not a count, ordered by run, then measure.
// REQUIRES: baseline < evaluations.size(); all evaluations have the same measures.
// InvalidArgument if a run shares no query with the baseline.
Result<std::vector<Comparison>> CompareRuns(std::span<const Evaluation> evaluations,
                                            size_t baseline, const RandomisationOptions& options);

}  // namespace podium::eval
