#include "snippet.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace podium::cli {
namespace {

std::string Mark(std::string_view word) {
  return "<" + std::string(word) + ">";
}

TEST(MakeSnippetTest, ShortTextStaysWholeWithMatchesMarked) {
  EXPECT_EQ(
      MakeSnippet("the wind in a tunnel", std::vector<MatchRange>{{4, 8}, {14, 20}}, 80, Mark),
      "the <wind> in a <tunnel>");
}

TEST(MakeSnippetTest, WhiteSpaceRunsAndControlCharactersAreCleaned) {
  EXPECT_EQ(MakeSnippet("a\n\n\t b\x1b[2Jc", {}, 80, Mark), "a b[2Jc");
}

TEST(MakeSnippetTest, LongTextIsCutAroundTheDensestGroupOfMatches) {
  std::string text = "alpha ";
  for (int i = 0; i < 100; ++i) {
    text += "filler ";
  }
  const size_t first = text.size();
  text += "wind tunnel ";
  for (int i = 0; i < 100; ++i) {
    text += "filler ";
  }
  const std::vector<MatchRange> matches = {{0, 5}, {first, first + 4}, {first + 5, first + 11}};
  const std::string snippet = MakeSnippet(text, matches, 80, Mark);
  EXPECT_NE(snippet.find("<wind> <tunnel>"), std::string::npos) << snippet;
  EXPECT_EQ(snippet.find("<alpha>"), std::string::npos);
  EXPECT_EQ(snippet.rfind("…filler", 0), 0U) << snippet;
  EXPECT_LE(snippet.size(), 80U + 12);
}

TEST(MakeSnippetTest, NeverCutsACharacter) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "日本語文章";
  }
  for (size_t width = 1; width < 120; ++width) {
    const std::vector<MatchRange> matches = {{300, 303}};
    EXPECT_TRUE(IsValidUtf8(MakeSnippet(text, matches, width, Mark))) << width;
  }
}

}  // namespace
}  // namespace podium::cli
