#include "text/truncation.h"

#include <gtest/gtest.h>

namespace podium::text {
namespace {

KeptTokens LongestFirst(size_t first, size_t second, size_t max_length) {
  return *PlanTruncation(first, second, 0, {TruncationStrategy::kLongestFirst, max_length});
}

// Takes one token at a time off the longer text, as long as that changes what fits; where both end
// up alike, the text that was longer keeps the odd token.
KeptTokens TakeOneByOne(size_t first, size_t second, size_t max_length) {
  KeptTokens kept = {first, second};
  while (kept.first + kept.second > max_length) {
    const bool from_first = kept.first == kept.second ? first <= second : kept.first > kept.second;
    --(from_first ? kept.first : kept.second);
  }
  return kept;
}

TEST(Truncation, LongestFirstIsTheClosedFormOfTakingOneByOne) {
  for (size_t first = 0; first < 12; ++first) {
    for (size_t second = 0; second < 12; ++second) {
      for (size_t length = 0; length < 26; ++length) {
        EXPECT_EQ(LongestFirst(first, second, length), TakeOneByOne(first, second, length))
            << first << " " << second << " " << length;
      }
    }
  }
}

TEST(Truncation, OnlyOneTextIsCutAndKeepsAToken) {
  const Truncation second = {TruncationStrategy::kOnlySecond, 10};
  EXPECT_EQ(*PlanTruncation(4, 9, 3, second), (KeptTokens{4, 3}));
  EXPECT_EQ(PlanTruncation(7, 9, 3, second).status().message(),
            "the second text has 9 tokens: too few to cut 9 off for a maximum length of 10");
  EXPECT_EQ(PlanTruncation(8, std::nullopt, 3, second).status().message(),
            "cannot cut only the second text: there is none");
  const Truncation first = {TruncationStrategy::kOnlyFirst, 10};
  EXPECT_EQ(*PlanTruncation(9, 4, 3, first), (KeptTokens{3, 4}));
  EXPECT_EQ(PlanTruncation(2, 9, 3, first).status().message(),
            "the first text has 2 tokens: too few to cut 4 off for a maximum length of 10");
}

TEST(Truncation, EdgesAreThoseOfTheReference) {
  EXPECT_EQ(*PlanTruncation(4, 9, 3, {TruncationStrategy::kOnlySecond, 3}), (KeptTokens{0, 0}));
  EXPECT_EQ(*PlanTruncation(4, 9, 3, {TruncationStrategy::kOnlySecond, 2}), (KeptTokens{4, 9}));
  EXPECT_EQ(*PlanTruncation(4, 9, 3, {TruncationStrategy::kNone, 5}), (KeptTokens{4, 9}));
  EXPECT_EQ(*PlanTruncation(9, std::nullopt, 2, {TruncationStrategy::kLongestFirst, 5}),
            (KeptTokens{3, 0}));
}

}  // namespace
}  // namespace podium::text
