#include "eval/qrels.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/file.h"

namespace podium::eval {
namespace {

using ::testing::HasSubstr;

Qrels Parse(std::string_view text) {
  Result<Qrels> qrels = ParseQrels(text, "q");
  EXPECT_TRUE(qrels.ok()) << qrels.status().ToString();
  return qrels.ok() ? *std::move(qrels) : Qrels();
}

std::string ErrorOf(std::string_view text) {
  const Result<Qrels> qrels = ParseQrels(text, "q");
  EXPECT_FALSE(qrels.ok());
  return qrels.ok() ? "" : qrels.status().ToString();
}

TEST(ReadQrelsTest, ReadsTrecLines) {
  const Qrels qrels = Parse("q2 0 d1 1\n# note\nq1\t0\td9\t-2\r\nq1 0 d10 +3\nq2 0 d1 1\n");
  ASSERT_EQ(qrels.queries.size(), 2U);
  EXPECT_EQ(qrels.queries[0].id, "q1");
  ASSERT_EQ(qrels.queries[0].judgements.size(), 2U);
  EXPECT_EQ(qrels.queries[0].judgements[0].docid, "d10");
  EXPECT_EQ(qrels.queries[0].Grade("d10"), 3);
  EXPECT_EQ(qrels.queries[0].Grade("d9"), -2);
  EXPECT_EQ(qrels.queries[0].Grade("d1"), std::nullopt);
  EXPECT_EQ(qrels.queries[0].Grade("z"), std::nullopt);
  EXPECT_EQ(qrels.queries[1].judgements.size(), 1U);
  EXPECT_EQ(qrels.Find("q2"), &qrels.queries[1]);
  EXPECT_EQ(qrels.Find("q"), nullptr);
  EXPECT_EQ(qrels.Find("q3"), nullptr);
}

TEST(ReadQrelsTest, ReadsBeirFilesWithAndWithoutHeader) {
  const Qrels with = Parse("query-id\tcorpus-id\tscore\n1\td 1\t2\n1\td2\t0\n");
  ASSERT_EQ(with.queries.size(), 1U);
  EXPECT_EQ(with.queries[0].Grade("d 1"), 2);
  EXPECT_EQ(Parse("1\td1\t2\n").queries[0].Grade("d1"), 2);
}

TEST(ReadQrelsTest, ReadsJson) {
  const Qrels qrels = Parse(R"({"q2": {"d1": 1}, "q1": {"d1": -1, "d0": 0}, "q3": {}})");
  ASSERT_EQ(qrels.queries.size(), 2U);
  EXPECT_EQ(qrels.queries[0].Grade("d1"), -1);
}

TEST(ReadQrelsTest, NamesTheMalformedLine) {
  EXPECT_EQ(ErrorOf("q 0 d 1\nq 0 d2\n"),
            "data corruption: q:2: expected 4 columns (query 0 document grade; BEIR files have 3 "
            "with tabs between), found 3");
  EXPECT_THAT(ErrorOf("q 0 d 1 x\n"), HasSubstr("q:1: expected 4 columns"));
  EXPECT_THAT(ErrorOf("q 0 d 1.0\n"),
              HasSubstr("q:1: expected a whole number as grade (the last column), found \"1.0\""));
  EXPECT_THAT(ErrorOf("q 0 d -2147483648\n"), HasSubstr("found \"-2147483648\""));
  EXPECT_THAT(ErrorOf("1\td\t2\n1\td2\n"),
              HasSubstr("q:2: expected 3 columns with tabs between (query-id corpus-id score), "
                        "found 2"));
  EXPECT_THAT(ErrorOf("a\tb\tc\n"), HasSubstr("found \"c\""));
  EXPECT_THAT(ErrorOf("1\td\t2\nquery-id\tcorpus-id\tscore\n"), HasSubstr("q:2: expected a whole"));
  EXPECT_THAT(ErrorOf("\td\t2\n"), HasSubstr("q:1: the query id is empty"));
  EXPECT_THAT(ErrorOf("1\t\t2\n"), HasSubstr("q:1: the document id is empty"));
  EXPECT_THAT(ErrorOf(std::string_view("q 0 d\0x 1\n", 10)), HasSubstr("found a NUL byte"));
  EXPECT_THAT(
      ErrorOf(R"({"q": {"d": 1.5}})"),
      HasSubstr("query \"q\", document \"d\": expected a whole number as grade, found 1.5"));
  EXPECT_THAT(ErrorOf(R"({"q": {"d": 3000000000}})"), HasSubstr("expected a whole number"));
}

TEST(ReadQrelsTest, NamesContradictions) {
  EXPECT_EQ(ErrorOf("q 0 d 1\nq 0 e 1\nq 0 d 1\nq 0 d 0\n"),
            "data corruption: q:4: document \"d\" has grade 0 for query \"q\", but grade 1 on "
            "line 1");
  EXPECT_EQ(ErrorOf(R"({"q": {"d": 1, "d": 2}})"),
            "data corruption: q: document \"d\" has grade 2 for query \"q\" and grade 1 too");
}

TEST(ReadQrelsTest, RefusesNothing) {
  for (const std::string text :
       {"", "\n", "# only\n", "query-id\tcorpus-id\tscore\n", "{}", R"({"q": {}})"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("q: expected judgements, found none")) << text;
  }
  EXPECT_EQ(ReadQrels(testing::TempDir() + "/no_such.qrels").status().code(),
            StatusCode::kNotFound);
}

TEST(ReadQrelsTest, SurvivesCorruption) {
  for (const std::string whole :
       {"q1 0 d1 1\nq1 0 d2 -1\nq2 0 d1 0\n", "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\n",
        R"({"q1": {"d1": 2, "d2": 1}, "q2": {"d1": -3}})"}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      (void)ParseQrels(whole.substr(0, length), "q").ok();
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = whole;
        flipped[length] = static_cast<char>(flipped[length] ^ (1 << bit));
        (void)ParseQrels(flipped, "q").ok();
      }
    }
  }
}

}  // namespace
}  // namespace podium::eval
