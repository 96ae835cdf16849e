// The one order of results: deterministic, whatever order the scores came in.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace podium::ranking {

struct Scored {
  double score = 0;
  bool failed = false;  // no score: goes last
  size_t first_stage_rank = 0;
  std::string_view id;
};

// Positions of `items` best first: score descending, then first-stage rank ascending, then id
// ascending (bytes). Failed items come after all others, in first-stage order. -0 equals 0.
// REQUIRES: the score of an item that did not fail is not NaN.
std::vector<size_t> RankOrder(std::span<const Scored> items);

}  // namespace podium::ranking
