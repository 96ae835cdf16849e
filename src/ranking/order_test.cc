#include "ranking/order.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::ranking {
namespace {

using testing::ElementsAre;

TEST(RankOrderTest, ScoreThenFirstStageRankThenId) {
  const std::vector<Scored> items = {
      {.score = 1.0, .first_stage_rank = 2, .id = "b"},
      {.score = 2.0, .first_stage_rank = 9, .id = "z"},
      {.score = 1.0, .first_stage_rank = 1, .id = "c"},
      {.score = 1.0, .first_stage_rank = 2, .id = "a"},
  };
  EXPECT_THAT(RankOrder(items), ElementsAre(1, 2, 3, 0));
}

TEST(RankOrderTest, FailedItemsComeLastInFirstStageOrder) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Scored> items = {
      {.score = kNan, .failed = true, .first_stage_rank = 3, .id = "a"},
      {.score = -100.0, .first_stage_rank = 4, .id = "b"},
      {.score = 5.0, .failed = true, .first_stage_rank = 1, .id = "c"},
  };
  EXPECT_THAT(RankOrder(items), ElementsAre(1, 2, 0));
}

TEST(RankOrderTest, SignedZerosAndInfinitiesAreOrdinaryScores) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::vector<Scored> items = {
      {.score = -kInf, .first_stage_rank = 1, .id = "a"},
      {.score = -0.0, .first_stage_rank = 2, .id = "b"},
      {.score = 0.0, .first_stage_rank = 1, .id = "c"},
      {.score = kInf, .first_stage_rank = 4, .id = "d"},
  };
  EXPECT_THAT(RankOrder(items), ElementsAre(3, 2, 1, 0));
}

TEST(RankOrderTest, DoesNotDependOnTheOrderOfArrival) {
  std::vector<Scored> items;
  const std::vector<std::string_view> ids = {"a", "b", "c", "d", "e", "f"};
  for (size_t i = 0; i < ids.size(); ++i) {
    items.push_back({.score = static_cast<double>(i / 3), .first_stage_rank = i % 2, .id = ids[i]});
  }
  const auto ranked_ids = [](const std::vector<Scored>& list) {
    std::vector<std::string_view> out;
    for (const size_t i : RankOrder(list)) {
      out.push_back(list[i].id);
    }
    return out;
  };
  const auto expected = ranked_ids(items);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(items.begin(), items.end(), random);
    EXPECT_EQ(ranked_ids(items), expected);
  }
}

}  // namespace
}  // namespace podium::ranking
