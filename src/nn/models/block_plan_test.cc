#include "nn/models/block_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

size_t TokensOf(const BlockPlan& plan, size_t block, std::span<const uint32_t> lengths) {
  size_t tokens = 0;
  for (const uint32_t sequence : plan.sequences(block)) {
    tokens += lengths[sequence];
  }
  return tokens;
}

std::vector<uint32_t> RandomLengths(size_t count, uint32_t longest, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> lengths(count);
  for (uint32_t& length : lengths) {
    length = 1 + static_cast<uint32_t>(random() % longest);
  }
  return lengths;
}

TEST(BlockPlanTest, CoversEverySequenceOnceInBoundedBlocks) {
  BlockPlan plan;  // reused, as by a model
  for (const size_t sequences : {500, 1, 2, 7, 100}) {
    for (const size_t workers : {1, 2, 3, 16}) {
      const std::vector<uint32_t> lengths = RandomLengths(sequences, 300, 1);
      plan.Make(lengths, workers);
      std::set<uint32_t> seen;
      size_t last = std::numeric_limits<size_t>::max();
      for (size_t block = 0; block < plan.size(); ++block) {
        EXPECT_FALSE(plan.sequences(block).empty());
        seen.insert(plan.sequences(block).begin(), plan.sequences(block).end());
        const size_t tokens = TokensOf(plan, block, lengths);
        EXPECT_LE(tokens, std::min(kBlockTokens + 300, last));
        last = tokens;
      }
      EXPECT_EQ(seen.size(), sequences);
    }
  }
  plan.Make({}, 4);
  EXPECT_EQ(plan.size(), 0U);
}

// Tokens of the worker that is done last, when each takes the next block as soon as it is free.
size_t LastWorker(const BlockPlan& plan, std::span<const uint32_t> lengths, size_t workers) {
  std::vector<size_t> done(workers);
  for (size_t block = 0; block < plan.size(); ++block) {
    *std::min_element(done.begin(), done.end()) += TokensOf(plan, block, lengths);
  }
  return *std::max_element(done.begin(), done.end());
}

TEST(BlockPlanTest, GivesWorkersEqualShares) {
  BlockPlan plan;
  for (const size_t workers : {2, 5, 16}) {
    const std::vector<uint32_t> lengths = RandomLengths(20 * workers, 512, 7);
    plan.Make(lengths, workers);
    const size_t tokens = std::accumulate(lengths.begin(), lengths.end(), size_t{0});
    EXPECT_LE(LastWorker(plan, lengths, workers) * workers, tokens * 102 / 100) << workers;
  }
}

TEST(BlockPlanTest, MakesAsManyBlocksAsPay) {
  BlockPlan plan;
  const auto blocks = [&](const std::vector<uint32_t>& lengths, size_t workers) {
    plan.Make(lengths, workers);
    return plan.size();
  };
  EXPECT_EQ(blocks({20}, 2), 1U);
  EXPECT_EQ(blocks({40, 40}, 2), 2U);
  // Too short for a block each: both workers on one.
  EXPECT_EQ(blocks({20, 20}, 2), 1U);
  EXPECT_EQ(blocks({500, 20, 20}, 2), 3U);
  // Whole rounds: 100 sequences of 50 tokens are 20 blocks' worth.
  EXPECT_EQ(blocks(std::vector<uint32_t>(100, 50), 8), 24U);
}

}  // namespace
}  // namespace podium::nn
