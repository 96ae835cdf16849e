#include "text/split.h"

#include <string>

#include <gtest/gtest.h>

namespace podium::text {
namespace {

std::vector<std::string> SplitAtHyphens(std::string_view text, SplitBehavior behavior) {
  std::vector<Match> stretches;
  for (uint32_t at = 0; at < text.size();) {
    uint32_t end = at + 1;
    const bool matched = text[at] == '-';
    while (!matched && end < text.size() && text[end] != '-') {
      ++end;
    }
    stretches.push_back({at, end, matched});
    at = end;
  }
  std::vector<ByteRange> ranges;
  ApplySplit(stretches, behavior, ranges);
  std::vector<std::string> pieces;
  for (const ByteRange& range : ranges) {
    pieces.emplace_back(text.substr(range.begin, range.end - range.begin));
  }
  return pieces;
}

TEST(Split, DoesWithMatchesWhatTheBehaviorSays) {
  using Pieces = std::vector<std::string>;
  constexpr std::string_view kText = "the-final--countdown";
  EXPECT_EQ(SplitAtHyphens(kText, SplitBehavior::kRemoved), (Pieces{"the", "final", "countdown"}));
  EXPECT_EQ(SplitAtHyphens(kText, SplitBehavior::kIsolated),
            (Pieces{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(SplitAtHyphens(kText, SplitBehavior::kMergedWithPrevious),
            (Pieces{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(SplitAtHyphens(kText, SplitBehavior::kMergedWithNext),
            (Pieces{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(SplitAtHyphens(kText, SplitBehavior::kContiguous),
            (Pieces{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(SplitAtHyphens("a-", SplitBehavior::kMergedWithNext), (Pieces{"a", "-"}));
  EXPECT_EQ(SplitAtHyphens("-a", SplitBehavior::kMergedWithPrevious), (Pieces{"-", "a"}));
}

TEST(Split, ReadsNamesOfBothKinds) {
  EXPECT_EQ(*ParseSplitBehavior("MergedWithNext", "f"), SplitBehavior::kMergedWithNext);
  EXPECT_EQ(*ParseSplitBehavior("merged_with_next", "f"), SplitBehavior::kMergedWithNext);
  EXPECT_EQ(ParseSplitBehavior("Glued", "f.json: Split").status().message(),
            "f.json: Split: split behavior \"Glued\" is not known");
}

}  // namespace
}  // namespace podium::text
