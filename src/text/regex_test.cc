#include "text/regex.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::text {
namespace {

using ::testing::HasSubstr;

// Matches in brackets: "[ab]c[d]".
std::string Marked(std::string_view pattern, std::string_view text) {
  const Result<Regex> regex = Regex::Compile(pattern, "test");
  if (!regex.ok()) {
    return regex.status().ToString();
  }
  std::vector<Match> matches;
  regex->FindAll(text, {0, static_cast<uint32_t>(text.size())}, matches);
  std::string out;
  for (const Match& match : matches) {
    const std::string part(text.substr(match.begin, match.end - match.begin));
    out += match.matched ? "[" + part + "]" : part;
  }
  return out;
}

TEST(Regex, FindsMatchesAndWhatLiesBetween) {
  EXPECT_EQ(Marked("\\d+", "a12b3"), "a[12]b[3]");
  EXPECT_EQ(Marked("x*", "axx"), "[]a[xx]");
  EXPECT_EQ(Marked("", "ab"), "[]a[]b[]");
  EXPECT_EQ(Marked("q", ""), "");
}

TEST(Regex, ReadsOniguruma) {
  EXPECT_EQ(Marked("\\w+", "a\xCC\x81_\xE2\x93\x90 !"), "[a\xCC\x81_\xE2\x93\x90] !")
      << "marks are words";
  EXPECT_EQ(Marked("\\s",
                   "a\xE1\xA0\x8E"
                   "b c"),
            "a\xE1\xA0\x8E"
            "b[ ]c")
      << "U+180E is no space";
  EXPECT_EQ(Marked("[^\\s\\w]+", "a, b"), "a[,] b");
  EXPECT_EQ(Marked("\\h+", "xfFg"), "x[fF]g");
  EXPECT_EQ(Marked("a{,2}b", "aaab"), "a[aab]");
  EXPECT_EQ(Marked("(?m:a.b)", "a\nb"), "[a\nb]");
  EXPECT_EQ(Marked("^b$", "a\nb\nc"), "a\n[b]\nc");
  EXPECT_EQ(Marked("[]a]+", "a]b"), "[a]]b");
  EXPECT_EQ(Marked("[[:alpha:]]+", "ab1"), "[ab]1");
  EXPECT_EQ(Marked("(?i:'s)", "'S"), "['S]");
}

TEST(Regex, ErrorsNamePatternAndPlace) {
  const Status bad = Regex::Compile("a(b", "f.json: Split").status();
  EXPECT_EQ(bad.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(bad.message(),
              HasSubstr("f.json: Split: pattern \"a(b\": missing closing parenthesis"));
  const Status nested = Regex::Compile("[a[bc]]", "f.json: Split").status();
  EXPECT_EQ(nested.code(), StatusCode::kUnsupported);
  EXPECT_THAT(nested.message(), HasSubstr("a character class within another"));
  EXPECT_EQ(Regex::Compile("[a&&b]", "f").status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(Regex::Compile("[\\W]", "f").status().code(), StatusCode::kUnsupported);
  EXPECT_FALSE(Regex::Compile("\\C", "f").ok());
  EXPECT_FALSE(Regex::Compile("a\\", "f").ok());
}

TEST(Regex, GivesUpOnPatternsThatExplode) {
  const std::string text(200, 'a');
  EXPECT_EQ(Marked("(a+)+b", text), text);
}

}  // namespace
}  // namespace podium::text
