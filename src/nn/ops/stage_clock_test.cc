#include "nn/ops/stage_clock.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

TEST(StageClockTest, EveryStageHasAName) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kStages; ++i) {
    names.insert(StageName(static_cast<Stage>(i)));
  }
  EXPECT_EQ(names.size(), kStages);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(StageClockTest, BooksToItsStageAlone) {
  StageClock clock{.running = true};
  { const StageTimer timer(clock, Stage::kQkv); }
  EXPECT_GE(clock.booked[Stage::kQkv], 0);
  EXPECT_EQ(clock.booked.total(), clock.booked[Stage::kQkv]);
}

TEST(StageClockTest, AStoppedClockBooksNothing) {
  StageClock clock;
  { const StageTimer timer(clock, Stage::kQkv); }
  EXPECT_EQ(clock.booked.total(), 0);
}

TEST(PerStageTest, AddsUp) {
  PerStage a;
  a[Stage::kEmbed] = 1;
  a[Stage::kHead] = 2;
  PerStage b;
  b[Stage::kHead] = 4;
  b += a;
  EXPECT_EQ(b[Stage::kEmbed], 1);
  EXPECT_EQ(b[Stage::kHead], 6);
  EXPECT_EQ(b.total(), 7);
}

}  // namespace
}  // namespace podium::nn
