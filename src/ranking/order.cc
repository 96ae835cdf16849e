#include "ranking/order.h"

#include <algorithm>
#include <numeric>

namespace podium::ranking {
namespace {

bool Before(const Scored& a, const Scored& b) {
  if (a.failed != b.failed) {
    return b.failed;
  }
  if (!a.failed && a.score != b.score) {
    return a.score > b.score;
  }
  if (a.first_stage_rank != b.first_stage_rank) {
    return a.first_stage_rank < b.first_stage_rank;
  }
  return a.id < b.id;
}

}  // namespace

std::vector<size_t> RankOrder(std::span<const Scored> items) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return Before(items[a], items[b]); });
  return order;
}

}  // namespace podium::ranking
