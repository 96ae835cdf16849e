#include "eval/run.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "io/file.h"

namespace podium::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Run Parse(std::string_view text) {
  Result<Run> run = ParseRun(text, "r");
  EXPECT_TRUE(run.ok()) << run.status().ToString();
  return run.ok() ? *std::move(run) : Run();
}

std::string ErrorOf(std::string_view text) {
  const Result<Run> run = ParseRun(text, "r");
  EXPECT_FALSE(run.ok());
  return run.ok() ? "" : run.status().ToString();
}

std::vector<std::string> RankedIds(const RunQuery& query,
                                   ScorePrecision precision = ScorePrecision::kDouble) {
  std::vector<std::string> ids;
  for (const uint32_t i : RankEntries(query.entries, precision)) {
    ids.push_back(query.entries[i].docid);
  }
  return ids;
}

TEST(ReadRunTest, ReadsTrecLinesOfQueriesInAnyOrder) {
  const eval::Run run = Parse(
      "# a comment\n"
      "q1 Q0 d1 1 2.5 first\r\n"
      "\n"
      "q2\tQ0\td1\t1\t+1e2\tfirst\n"
      "  q1 Q0 d2 2 -inf tag and more columns");
  EXPECT_EQ(run.tag, "tag");
  ASSERT_EQ(run.queries.size(), 2U);
  EXPECT_EQ(run.queries[0].id, "q1");
  ASSERT_EQ(run.queries[0].entries.size(), 2U);
  EXPECT_EQ(run.queries[0].entries[0].docid, "d1");
  EXPECT_EQ(run.queries[0].entries[0].score, 2.5);
  EXPECT_EQ(run.queries[0].entries[1].score, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(run.queries[1].entries[0].score, 100.0);
}

TEST(ReadRunTest, ReadsCompressedFiles) {
  // `printf 'q Q0 d 1 2 t\n' | gzip -n9`
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\x54\x08\x34\x50\x48\x51\x30\x54\x30\x52"
      "\x28\xe1\x02\x00\xf3\x75\x07\x7f\x0d\x00\x00\x00",
      33);
  const std::filesystem::path path = testing::TempDir() + "/run.trec.gz";
  ASSERT_TRUE(io::WriteFileAtomic(path, gzip).ok());
  const Result<eval::Run> run = ReadRun(path);
  ASSERT_TRUE(run.ok()) << run.status().ToString();
  EXPECT_EQ(run->queries[0].entries[0].score, 2);
}

TEST(ReadRunTest, SkipsAByteOrderMark) {
  EXPECT_EQ(Parse("\xEF\xBB\xBFq Q0 d 1 2 t\n").queries[0].id, "q");
}

TEST(ReadRunTest, ReadsJson) {
  const eval::Run run = Parse(R"({"q1": {"d 1": 2, "d2": 2.5}, "empty": {}})");
  ASSERT_EQ(run.queries.size(), 2U);
  EXPECT_EQ(run.queries[0].entries[0].docid, "d 1");
  EXPECT_EQ(run.queries[0].entries[1].score, 2.5);
  EXPECT_TRUE(run.queries[1].entries.empty());
  EXPECT_EQ(run.tag, "");
}

TEST(ReadRunTest, NamesTheMalformedLine) {
  EXPECT_EQ(ErrorOf("q Q0 d 1 2 t\nq Q0 d2 2 1.0\n"),
            "data corruption: r:2: expected 6 columns (query Q0 document rank score tag), found 5");
  EXPECT_EQ(ErrorOf("q Q0 d 1 high t\n"),
            "data corruption: r:1: expected a number as score (column 5), found \"high\"");
  EXPECT_THAT(ErrorOf("q Q0 d 1 1.5x t\n"), HasSubstr("found \"1.5x\""));
  EXPECT_THAT(ErrorOf("q Q0 d 1 nan t\n"), HasSubstr("found \"nan\""));
  EXPECT_THAT(ErrorOf("q Q0 d 1 -nan t\n"), HasSubstr("found \"-nan\""));
  EXPECT_THAT(ErrorOf("q Q0 d 1 +-1 t\n"), HasSubstr("found \"+-1\""));
  EXPECT_THAT(ErrorOf(std::string_view("q Q0 d\0x 1 2 t\n", 15)),
              HasSubstr("r:1: expected text, found a NUL byte"));
}

TEST(ReadRunTest, ShowsAnUnprintableColumnSafely) {
  const std::string error = ErrorOf("q Q0 d 1 \x1B[31m\xFF" + std::string(100, 'x') + " t\n");
  EXPECT_THAT(error, HasSubstr("found \"?[31m\xEF\xBF\xBDxxx"));
  EXPECT_THAT(error, HasSubstr("x…\""));
}

TEST(ReadRunTest, NamesDuplicates) {
  EXPECT_EQ(
      ErrorOf("q Q0 d 1 2 t\nq Q0 e 2 1 t\np Q0 d 1 2 t\nq Q0 d 3 1 t\n"),
      "data corruption: r:4: document \"d\" is listed twice for query \"q\", first on line 1");
  EXPECT_EQ(ErrorOf(R"({"q": {"d": 1, "d": 2}})"),
            "data corruption: r: document \"d\" is listed twice for query \"q\"");
  EXPECT_THAT(ErrorOf(R"({"q": {"d": 1}, "q": {"d": 2}})"), HasSubstr("listed twice"));
}

TEST(ReadRunTest, NamesWhatIsWrongInJson) {
  EXPECT_EQ(ErrorOf(R"({"q": [1]})"),
            "data corruption: r: query \"q\": expected an object of documents, found an array");
  EXPECT_EQ(ErrorOf(R"({"q": {"d": "x"}})"),
            "data corruption: r: query \"q\", document \"d\": expected a number, found a string");
  EXPECT_THAT(ErrorOf(R"({"q": {"d": null}})"), HasSubstr("found null"));
  EXPECT_THAT(ErrorOf(R"({"q": {"d": true}})"), HasSubstr("found true or false"));
  EXPECT_THAT(ErrorOf(R"({"q": {"d": {}}})"), HasSubstr("found an object"));
  EXPECT_THAT(ErrorOf(R"({"q": 1})"), HasSubstr("expected an object of documents"));
  EXPECT_THAT(ErrorOf("{\"q\":\n{\"d\": 1,}}"), HasSubstr("r:2: syntax error"));
  EXPECT_THAT(ErrorOf(R"({"q": {"d": 1e999}})"), HasSubstr("r:1: "));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("r: expected the scores of a run, found none"));
}

TEST(ReadRunTest, RefusesNothing) {
  EXPECT_EQ(ErrorOf(""), "data corruption: r: expected the lines of a run, found none");
  EXPECT_THAT(ErrorOf("\n \n# only a comment\n"), HasSubstr("found none"));
  const std::filesystem::path path = testing::TempDir() + "/empty.trec";
  ASSERT_TRUE(io::WriteFileAtomic(path, "").ok());
  EXPECT_EQ(ReadRun(path).status().message(), path.string() + ": the file is empty");
  EXPECT_EQ(ReadRun(testing::TempDir() + "/no_such.trec").status().code(), StatusCode::kNotFound);
}

TEST(ReadRunTest, TakesScoresBeyondTheRangeOfADouble) {
  const eval::Run run = Parse("q Q0 a 1 1e999 t\nq Q0 b 1 1e-999 t\nq Q0 c 1 -1e999 t\n");
  EXPECT_EQ(run.queries[0].entries[0].score, std::numeric_limits<double>::infinity());
  EXPECT_EQ(run.queries[0].entries[1].score, 0.0);
  EXPECT_EQ(run.queries[0].entries[2].score, -std::numeric_limits<double>::infinity());
}

// Truncation at every byte and every flipped bit: a run or an error, never a crash.
TEST(ReadRunTest, SurvivesCorruption) {
  for (const std::string whole : {"q1 Q0 d1 1 2.5 tag\nq1 Q0 d2 2 1e-3 tag\nq2 Q0 d1 1 0 tag\n",
                                  R"({"q1": {"d1": 2.5, "d2": 1}, "q2": {"d1": -3e-2}})"}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      (void)ParseRun(whole.substr(0, length), "r").ok();
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = whole;
        flipped[length] = static_cast<char>(flipped[length] ^ (1 << bit));
        (void)ParseRun(flipped, "r").ok();
      }
    }
  }
}

TEST(RankEntriesTest, TiesGoByDocidDescendingAsBytes) {
  const eval::Run run = Parse(
      "q Q0 d10 1 1 t\nq Q0 d9 2 1.0 t\nq Q0 a 3 -0.0 t\nq Q0 b 4 0 t\nq Q0 \xC3\xA9 5 1 t\n");
  EXPECT_THAT(RankedIds(run.queries[0]), ElementsAre("\xC3\xA9", "d9", "d10", "b", "a"));
}

TEST(RankEntriesTest, FloatScoresTieBeyondTheirPrecision) {
  const eval::Run run = Parse("q Q0 a 1 0.300000006 t\nq Q0 b 2 0.3 t\n");
  EXPECT_THAT(RankedIds(run.queries[0]), ElementsAre("a", "b"));
  EXPECT_THAT(RankedIds(run.queries[0], ScorePrecision::kFloat), ElementsAre("b", "a"));
}

class TrecRunWriterTest : public testing::Test {
 protected:
  std::string text_;
  TrecRunWriter writer_{"my tag", [this](std::string_view bytes) {
                          text_ += bytes;
                          return Status::Ok();
                        }};
};

TEST_F(TrecRunWriterTest, WritesRankedLines) {
  const std::vector<RunEntry> entries = {{"d1", 0.5}, {"d2", 13.25}, {"d3", 0.5}};
  ASSERT_TRUE(writer_.WriteQuery("q1", entries).ok());
  ASSERT_TRUE(writer_.WriteQuery("none", {}).ok());
  EXPECT_EQ(text_,
            "q1 Q0 d2 1 13.25 my_tag\n"
            "q1 Q0 d3 2 0.5 my_tag\n"
            "q1 Q0 d1 3 0.5 my_tag\n");
}

TEST_F(TrecRunWriterTest, PrintsFloatsShortAndDoublesExactly) {
  ASSERT_TRUE(writer_.WriteQuery("f", std::vector<RunEntry>{{"d", 0.3F}}).ok());
  ASSERT_TRUE(writer_.WriteQuery("d", std::vector<RunEntry>{{"d", 0.1 + 0.2}}).ok());
  EXPECT_EQ(text_, "f Q0 d 1 0.3 my_tag\nd Q0 d 1 0.30000000000000004 my_tag\n");
}

// The promise of the class, on scores that are dense in ties and in neighbours one bit apart.
TEST_F(TrecRunWriterTest, ReadsBackInTheSameOrder) {
  std::mt19937 random(7);
  for (int q = 0; q < 40; ++q) {
    std::vector<RunEntry> entries;
    for (int d = 0; d < 60; ++d) {
      double score = static_cast<int>(random() % 10) / 3.0;
      for (size_t step = random() % 3; step > 0; --step) {
        score = q % 2 == 0 ? std::nextafterf(static_cast<float>(score), 9.0F)
                           : std::nextafter(score, 9.0);
      }
      if (q % 2 == 0) {
        score = static_cast<float>(score);
      }
      entries.push_back({Format("d{}", random() % 100000 * 100 + static_cast<size_t>(d)), score});
    }
    ASSERT_TRUE(writer_.WriteQuery(Format("q{}", q), entries).ok());
  }
  const eval::Run run = Parse(text_);
  ASSERT_EQ(run.queries.size(), 40U);
  for (const RunQuery& query : run.queries) {
    const std::vector<uint32_t> order = RankEntries(query.entries);
    for (uint32_t i = 0; i < order.size(); ++i) {
      ASSERT_EQ(order[i], i) << query.id;
    }
  }
}

TEST_F(TrecRunWriterTest, RefusesWhatTheFormatCannotHold) {
  const auto error = [this](std::string_view qid, const std::vector<RunEntry>& entries) {
    const Status status = writer_.WriteQuery(qid, entries);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    return status.message();
  };
  EXPECT_THAT(error("", {}), HasSubstr("query id \"\" is empty"));
  EXPECT_THAT(error("a b", {}), HasSubstr("query id \"a b\" contains white space"));
  EXPECT_THAT(error("#1", {}), HasSubstr("query id \"#1\" starts with '#'"));
  EXPECT_THAT(error("{1", {}), HasSubstr("starts with '#', '{' or a byte order mark"));
  EXPECT_THAT(error("\xEF\xBB\xBFq", {}), HasSubstr("byte order mark, which readers take"));
  EXPECT_THAT(error("q", {{"a\tb", 1}}), HasSubstr("document id \"a?b\" contains white space"));
  EXPECT_THAT(error("q", {{"", 1}}), HasSubstr("document id \"\" is empty"));
  EXPECT_EQ(error("q", {{"d", std::nan("")}}),
            "query \"q\", document \"d\": the score is not a number");
  EXPECT_EQ(error("q", {{"d", 1}, {"d", 2}}), "query \"q\": document \"d\" is listed twice");
  EXPECT_EQ(text_, "");
  ASSERT_TRUE(writer_.WriteQuery("q", std::vector<RunEntry>{{"d", 1}}).ok());
  EXPECT_EQ(error("q", {{"e", 1}}), "query \"q\" is written twice to one run");
}

TEST(TrecRunWriterSinkTest, ReturnsTheErrorOfTheSink) {
  TrecRunWriter writer("", [](std::string_view) { return ResourceExhausted("disk full"); });
  EXPECT_EQ(writer.WriteQuery("q", std::vector<RunEntry>{{"d", 1}}).message(), "disk full");
}

}  // namespace
}  // namespace podium::eval
