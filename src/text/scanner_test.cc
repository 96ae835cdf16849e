#include "text/scanner.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "text/regex.h"

namespace podium::text {
namespace {

std::vector<std::string> Pieces(std::string_view text, const std::vector<ByteRange>& ranges) {
  std::vector<std::string> pieces;
  for (const ByteRange& range : ranges) {
    pieces.emplace_back(text.substr(range.begin, range.end - range.begin));
  }
  return pieces;
}

std::vector<std::string> Scan(std::string_view pattern, std::string_view text) {
  std::vector<ByteRange> ranges;
  Scanner::ForPattern(pattern)->Cut(text, {0, static_cast<uint32_t>(text.size())}, ranges);
  return Pieces(text, ranges);
}

std::vector<std::string> Match(const Regex& regex, std::string_view text) {
  std::vector<podium::text::Match> matches;
  regex.FindAll(text, {0, static_cast<uint32_t>(text.size())}, matches);
  std::vector<ByteRange> ranges;
  for (const podium::text::Match& match : matches) {
    EXPECT_TRUE(match.matched) << "the pattern should match everywhere";
    ranges.push_back({match.begin, match.end});
  }
  return Pieces(text, ranges);
}

TEST(Scanner, CutsAsExpected) {
  EXPECT_EQ(Scan(kGpt2Pattern, "I'll go  there.\n 12a"),
            (std::vector<std::string>{"I", "'ll", " go", " ", " there", ".", "\n", " 12", "a"}));
  EXPECT_EQ(Scan(kQwen2Pattern, "I'LL go  12!\n\n x"),
            (std::vector<std::string>{"I", "'LL", " go", " ", " ", "1", "2", "!\n\n", " x"}));
  EXPECT_EQ(Scan(kCl100kPattern, "12345 (a)"),
            (std::vector<std::string>{"123", "45", " (", "a", ")"}));
}

TEST(Scanner, KnowsNoOtherPattern) {
  EXPECT_FALSE(Scanner::ForPattern("\\s+").has_value());
}

// The regular expression is the specification.
TEST(Scanner, AgreesWithTheRegularExpressionOnRandomText) {
  constexpr std::string_view kAlphabet[] = {"a",
                                            "B",
                                            "'",
                                            "s",
                                            "S",
                                            "t",
                                            "re",
                                            "LL",
                                            "v",
                                            "e",
                                            " ",
                                            " ",
                                            "  ",
                                            "\t",
                                            "\n",
                                            "\r",
                                            "1",
                                            "23",
                                            ".",
                                            "!?",
                                            "\xC3\xA9",
                                            "\xC5\xBF",
                                            "\xE2\x85\xA7",
                                            "\xE3\x80\x80",
                                            "-",
                                            "m",
                                            "d",
                                            "\xC2\xA0",
                                            "\xE6\x97\xA5",
                                            "\xCC\x81",
                                            "\xC2\xB2",
                                            "_"};
  std::mt19937 random(3);
  for (const std::string_view pattern : {kGpt2Pattern, kQwen2Pattern, kCl100kPattern}) {
    const Result<Regex> regex = Regex::Compile(pattern, "test");
    ASSERT_TRUE(regex.ok()) << regex.status().ToString();
    for (int round = 0; round < 20000; ++round) {
      std::string text;
      const size_t length = 1 + random() % 12;
      for (size_t i = 0; i < length; ++i) {
        text += kAlphabet[random() % std::size(kAlphabet)];
      }
      ASSERT_EQ(Scan(pattern, text), Match(*regex, text)) << pattern << "\non: " << text;
    }
  }
}

}  // namespace
}  // namespace podium::text
