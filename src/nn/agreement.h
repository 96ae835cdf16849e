// How far the results of a reduced precision are from those of fp32, in the measure that matters to
// a ranking: the spread of the results themselves.
#pragma once

#include <cstddef>
#include <span>

#include "podium/precision.h"

namespace podium::nn {

struct Agreement {
  size_t values = 0;
  double worst = 0;             // the largest absolute difference; infinity where one is not finite
  double root_mean_square = 0;  // of the differences; infinity as above
  double deviation = 0;         // the standard deviation of the exact values
  double rank_correlation = 0;  // Spearman's, ties at their mean rank; 1 for fewer than two values

  // The largest difference over the deviation; 0 where the two are equal, infinity where they
  // differ and the exact ones do not.
  double ratio() const;
  // The root of the mean square over the deviation, likewise.
  double typical_ratio() const;
};

// REQUIRES: as many values of either.
Agreement Compare(std::span<const float> exact, std::span<const float> actual);

// The ratio that a precision is to keep on the scores of a trained model, whose spread is some ten
// times that of random weights. fp32: another instruction set, which sums in another order.
double AgreementLimit(Precision precision);

// The ratio from which on no rounding explains the difference: ten times the limit. What random
// weights do to bf16 and int8 stays below a half of it.
double FaultLimit(Precision precision);

}  // namespace podium::nn
