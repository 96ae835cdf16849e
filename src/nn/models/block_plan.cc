#include "nn/models/block_plan.h"

#include <algorithm>
#include <numeric>
#include <queue>

namespace podium::nn {
namespace {

// Deals sequences in the given order into `count` blocks, each to the one with the fewest tokens.
std::vector<Block> Deal(const TokenBatch& batch, const std::vector<uint32_t>& order, size_t count) {
  std::vector<Block> blocks(count);
  const auto fuller = [&blocks](size_t a, size_t b) {
    const size_t left = blocks[a].tokens();
    const size_t right = blocks[b].tokens();
    return left != right ? left > right : a > b;
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(fuller)> emptiest(fuller);
  for (size_t i = 0; i < count; ++i) {
    emptiest.push(i);
  }
  for (const uint32_t sequence : order) {
    const size_t block = emptiest.top();
    emptiest.pop();
    blocks[block].Add(sequence, batch.length(sequence));
    emptiest.push(block);
  }
  std::stable_sort(blocks.begin(), blocks.end(),
                   [](const Block& a, const Block& b) { return a.tokens() > b.tokens(); });
  return blocks;
}

size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

}  // namespace

BlockPlan PlanBlocks(const TokenBatch& batch, size_t workers) {
  BlockPlan plan;
  if (batch.sequences() == 0) {
    return plan;
  }
  std::vector<uint32_t> order(batch.sequences());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return batch.length(a) > batch.length(b); });
  const size_t rounds = DivideUp(batch.tokens(), workers * kBlockTokens);
  plan.blocks = Deal(batch, order, std::min(rounds * workers, order.size()));
  // Alone, the longest block bounds the time; together, an equal share of all tokens does, at a
  // cost for the meetings after every operation that the factor stands for.
  constexpr double kMeetingCost = 1.5;
  const double share = static_cast<double>(batch.tokens()) / static_cast<double>(workers);
  if (static_cast<double>(plan.blocks.front().tokens()) > kMeetingCost * share) {
    plan.together = true;
    plan.blocks = Deal(batch, order, std::min(rounds, order.size()));
  }
  return plan;
}

}  // namespace podium::nn
