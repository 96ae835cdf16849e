#include "eval/queries.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/file.h"

namespace podium::eval {
namespace {

using ::testing::HasSubstr;

std::vector<Query> Parse(std::string_view text) {
  Result<std::vector<Query>> queries = ParseQueries(text, "q");
  EXPECT_TRUE(queries.ok()) << queries.status().ToString();
  return queries.ok() ? *std::move(queries) : std::vector<Query>();
}

std::string ErrorOf(std::string_view text) {
  const Result<std::vector<Query>> queries = ParseQueries(text, "q");
  EXPECT_FALSE(queries.ok());
  return queries.ok() ? "" : queries.status().ToString();
}

TEST(ReadQueriesTest, ReadsJsonLines) {
  const std::vector<Query> queries = Parse(
      "{\"_id\": \"b\", \"text\": \"wind tunnel\", \"metadata\": {}}\n\n"
      "{\"id\": 7, \"query\": \"\"}\r\n");
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_EQ(queries[0].id, "b");
  EXPECT_EQ(queries[0].text, "wind tunnel");
  EXPECT_EQ(queries[1].id, "7");
  EXPECT_EQ(queries[1].text, "");
}

TEST(ReadQueriesTest, ReadsTabbedLines) {
  const std::vector<Query> queries = Parse("1\twind tunnel\n2\twhat is lift?");
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_EQ(queries[0].text, "wind tunnel");
  EXPECT_EQ(queries[1].id, "2");
}

TEST(ReadQueriesTest, NamesTheMalformedLine) {
  EXPECT_EQ(ErrorOf("1\ta\nwind tunnel\n"),
            "data corruption: q:2: expected 2 columns (id, a tab, text), found 1");
  EXPECT_THAT(ErrorOf("1\ta\tb\n"),
              HasSubstr("q:1: expected 2 columns (id, a tab, text), found 3"));
  EXPECT_THAT(ErrorOf("\ta\n"), HasSubstr("q:1: the query's id is empty"));
  EXPECT_THAT(ErrorOf("1\ta\n1\tb\n"), HasSubstr("q:2: query \"1\" occurs twice"));
  EXPECT_THAT(ErrorOf("{\"_id\": \"1\"}"), HasSubstr("q:1: the query has no \"text\""));
  EXPECT_THAT(ErrorOf("{\"text\": \"1\"}"), HasSubstr("q:1: the query has no \"_id\""));
  EXPECT_THAT(ErrorOf("{\"_id\": 1.5, \"text\": \"1\"}"),
              HasSubstr("q:1: expected a string as the query's id, found a number"));
  EXPECT_THAT(ErrorOf("{\"_id\": \"1\", \"text\": []}"),
              HasSubstr("q:1: expected a string as the query's text, found an array"));
  EXPECT_THAT(ErrorOf("{\"_id\": \"1\", \"text\": \"a\"}\n[1]\n"),
              HasSubstr("q:2: expected an object, found an array"));
  EXPECT_THAT(ErrorOf("{\"_id\": \"1\", \"text\": \"a\"}\n{\"_id\n"),
              HasSubstr("corruption: q:2: "));
  EXPECT_THAT(ErrorOf("\n"), HasSubstr("q: expected queries, found none"));
}

TEST(ReadQueriesTest, ReadsAFile) {
  const std::string path = testing::TempDir() + "/queries.tsv";
  ASSERT_TRUE(io::WriteFileAtomic(path, "1\ta\n").ok());
  const Result<std::vector<Query>> queries = ReadQueries(path);
  ASSERT_TRUE(queries.ok());
  EXPECT_EQ(queries->size(), 1U);
  EXPECT_EQ(ReadQueries(path + ".no").status().code(), StatusCode::kNotFound);
}

TEST(ReadQueriesTest, SurvivesCorruption) {
  for (const std::string whole :
       {"1\twind tunnel\n2\tlift\n",
        "{\"_id\": \"b\", \"text\": \"wind\"}\n{\"_id\": 7, \"text\": \"\"}\n"}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      (void)ParseQueries(whole.substr(0, length), "q").ok();
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = whole;
        flipped[length] = static_cast<char>(flipped[length] ^ (1 << bit));
        (void)ParseQueries(flipped, "q").ok();
      }
    }
  }
}

}  // namespace
}  // namespace podium::eval
