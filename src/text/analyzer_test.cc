#include "text/analyzer.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/word_breaker.h"

namespace podium::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Words(std::string_view text) {
  WordBreaker breaker(text);
  std::vector<std::string> words;
  ByteRange range;
  while (breaker.Next(range)) {
    words.emplace_back(text.substr(range.begin, range.end - range.begin));
  }
  return words;
}

std::unique_ptr<const Analyzer> Make(const AnalyzerSpec& spec) {
  Result<std::unique_ptr<const Analyzer>> analyzer = Analyzer::Create(spec);
  EXPECT_TRUE(analyzer.ok()) << analyzer.status().ToString();
  return std::move(analyzer).value();
}

std::vector<std::string> Terms(const AnalyzerSpec& spec, std::string_view text) {
  std::vector<std::string> terms;
  for (const Term& term : Make(spec)->Analyze(text)) {
    terms.push_back(term.term);
  }
  return terms;
}

std::vector<std::string> English(std::string_view text) {
  return Terms({}, text);
}

TEST(WordBreakerTest, BreaksAtSpacesAndPunctuation) {
  EXPECT_THAT(Words("Hello, (world)! a-b/c"), ElementsAre("Hello", "world", "a", "b", "c"));
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words(" .,;' "), IsEmpty());
}

TEST(WordBreakerTest, JoinsLettersAcrossMidLetters) {
  EXPECT_THAT(Words("don't example.com a:b"), ElementsAre("don't", "example.com", "a:b"));
  EXPECT_THAT(Words("don\u2019t"), ElementsAre("don\u2019t"));
  EXPECT_THAT(Words("end. 'quoted' dogs' a,b"), ElementsAre("end", "quoted", "dogs", "a", "b"));
}

TEST(WordBreakerTest, JoinsDigitsAcrossMidNumbers) {
  EXPECT_THAT(Words("1,234.5 3;4 1:2 1, 2"), ElementsAre("1,234.5", "3;4", "1", "2", "1", "2"));
  EXPECT_THAT(Words("a1b2 1.a a.1"), ElementsAre("a1b2", "1", "a", "a", "1"));
}

TEST(WordBreakerTest, ConnectorsJoinButAreNoWordAlone) {
  EXPECT_THAT(Words("snake_case _x ___ a\u203Fb"), ElementsAre("snake_case", "_x", "a\u203Fb"));
}

TEST(WordBreakerTest, MarksAndFormatCharactersStick) {
  EXPECT_THAT(Words("cafe\u0301 co\u00ADop"), ElementsAre("cafe\u0301", "co\u00ADop"));
  EXPECT_THAT(Words("a\u200Bb"), ElementsAre("a", "b"));
  EXPECT_THAT(Words("don'\u0301t"), ElementsAre("don'\u0301t"));
}

TEST(WordBreakerTest, ScriptsWithoutSpaces) {
  EXPECT_THAT(Words("日本語"), ElementsAre("日", "本", "語"));
  EXPECT_THAT(Words("ひらカタカナ"), ElementsAre("ひ", "ら", "カタカナ"));
  EXPECT_THAT(Words("한국어 말"), ElementsAre("한국어", "말"));
  EXPECT_THAT(Words("日1x本"), ElementsAre("日", "1x", "本"));
}

TEST(WordBreakerTest, IllFormedUtf8Separates) {
  EXPECT_THAT(Words("ab\xFF"
                    "cd\xC3"),
              ElementsAre("ab", "cd"));
}

TEST(WordBreakerTest, LongWordsAreCutAtCharacters) {
  for (const std::string_view unit : {"a", "é", "語", "ア"}) {
    std::string text;
    while (text.size() < 5000) {
      text += unit;
    }
    const std::vector<std::string> words = Words(text);
    std::string joined;
    for (const std::string& word : words) {
      EXPECT_LE(word.size(), kMaxWordBytes);
      joined += word;
    }
    EXPECT_EQ(joined, text);
  }
}

// The fast path for ASCII must agree with the general one: a joiner of zero width after every
// character forces the general path and must change nothing but itself.
TEST(WordBreakerTest, AsciiPathEqualsGeneralPath) {
  const std::string_view alphabet = "aB1_'.:,; -\n";
  uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string plain;
    std::string joined;
    for (int i = 0; i < 12; ++i) {
      state = state * 1664525 + 1013904223;
      const char c = alphabet[(state >> 16) % alphabet.size()];
      plain += c;
      joined += c;
      joined += "\u2060";
    }
    std::vector<std::string> expected = Words(joined);
    for (std::string& word : expected) {
      for (size_t at = word.find("\u2060"); at != std::string::npos; at = word.find("\u2060")) {
        word.erase(at, 3);
      }
    }
    EXPECT_EQ(Words(plain), expected) << plain;
  }
}

TEST(AnalyzerTest, LowersStopsAndStems) {
  EXPECT_THAT(English("The Cats are RUNNING in circles"), ElementsAre("cat", "run", "circl"));
  EXPECT_THAT(English("there will be no such"), IsEmpty());
  EXPECT_THAT(English(""), IsEmpty());
}

TEST(AnalyzerTest, DropsPossessive) {
  EXPECT_THAT(English("Darwin's DARWIN'S Darwin\u2019s it's"),
              ElementsAre("darwin", "darwin", "darwin"));
}

TEST(AnalyzerTest, LowersAllOfUnicodeAndComposes) {
  const AnalyzerSpec none = {"none", false};
  EXPECT_THAT(Terms(none, "ÉCOLE Привет ΣΟΦΟΣ"), ElementsAre("école", "привет", "σοφοσ"));
  EXPECT_THAT(Terms(none, "cafe\u0301 caf\u00E9"), ElementsAre("caf\u00E9", "caf\u00E9"));
  EXPECT_THAT(Terms(none, "co\u00ADop"), ElementsAre("coop"));
}

TEST(AnalyzerTest, RangesPointIntoTheOriginal) {
  const std::string text = "Él está running's";
  const std::vector<Term> terms = Make({"none", false})->Analyze(text);
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[1].range, (ByteRange{4, 9}));
  EXPECT_EQ(text.substr(terms[2].range.begin), "running's");
}

TEST(AnalyzerTest, LanguagesSwitch) {
  EXPECT_THAT(Terms({"german", true}, "die Häuser"), ElementsAre("die", "haus"));
  EXPECT_THAT(Terms({"none", true}, "The Cats"), ElementsAre("the", "cats"));
  EXPECT_THAT(Terms({"english", false}, "The Cats"), ElementsAre("the", "cat"));
  EXPECT_THAT(Analyzer::Languages(), testing::IsSupersetOf({"none", "english", "russian"}));
  for (const std::string& language : Analyzer::Languages()) {
    EXPECT_TRUE(Analyzer::Create({language, true}).ok()) << language;
  }
}

TEST(AnalyzerTest, UnknownLanguageIsNamed) {
  const auto analyzer = Analyzer::Create({"klingon", true});
  ASSERT_FALSE(analyzer.ok());
  EXPECT_EQ(analyzer.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(analyzer.status().message(),
              HasSubstr("unknown language \"klingon\": expected one of"));
  EXPECT_THAT(analyzer.status().message(), HasSubstr("english"));
}

// The cache must be invisible: a second pass gives what the first gave, and words too long for a
// slot go round it.
TEST(AnalyzerTest, CacheChangesNothing) {
  const auto analyzer = Make({});
  std::string text = std::string(60, 'x') + "ing the " + std::string(70, 'y');
  for (int i = 0; i < 40000; ++i) {
    text += " running" + std::to_string(i);
  }
  const std::vector<Term> first = analyzer->Analyze(text);
  const std::vector<Term> second = analyzer->Analyze(text);
  ASSERT_EQ(first.size(), second.size());
  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin(),
                         [](const Term& a, const Term& b) { return a.term == b.term; }));
  EXPECT_EQ(first[2].term, "running0");
}

TEST(AnalyzerTest, ThreadsShareOneAnalyzer) {
  const auto analyzer = Make({});
  std::vector<std::thread> threads;
  std::vector<size_t> counts(4);
  for (size_t t = 0; t < counts.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        counts[t] += analyzer->Analyze("The quick brown foxes jumped over lazy dogs").size();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(counts, testing::Each(200U * 7U));
}

TEST(AnalyzerTest, TenMegabyteWordIsLinear) {
  const std::string text(size_t{10} << 20, 'a');
  EXPECT_EQ(Make({})->Analyze(text).size(), (text.size() + kMaxWordBytes - 1) / kMaxWordBytes);
}

TEST(AnalyzerSpecTest, RoundTripsThroughJson) {
  const AnalyzerSpec spec = {"german", false};
  EXPECT_EQ(spec.ToJson(), R"({"words":"unicode-1","language":"german","stop_words":false})");
  const auto read = AnalyzerSpec::FromJson(spec.ToJson(), "x");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, spec);
}

TEST(AnalyzerSpecTest, BadSpecsAreNamed) {
  const auto newer = AnalyzerSpec::FromJson(
      R"({"words":"unicode-9","language":"english","stop_words":true})", "podium.json");
  EXPECT_EQ(newer.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(newer.status().message(), HasSubstr("podium.json: word rules \"unicode-9\""));
  EXPECT_THAT(AnalyzerSpec::FromJson("{}", "x").status().message(),
              HasSubstr("\"words\" is missing"));
  EXPECT_FALSE(AnalyzerSpec::FromJson("{", "x").ok());
}

}  // namespace
}  // namespace podium::text
