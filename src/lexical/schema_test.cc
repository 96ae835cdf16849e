#include "lexical/schema.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::lexical {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

TEST(SchemaTest, LongTermsAreCutAndKeptApart) {
  EXPECT_EQ(StoredTerm("short"), "short");
  EXPECT_EQ(StoredTerm(std::string(245, 'a')), std::string(245, 'a'));
  const std::string a = StoredTerm(std::string(10000, 'a'));
  const std::string b = StoredTerm(std::string(9999, 'a') + "b");
  EXPECT_LE(a.size(), kMaxTermBytes);
  EXPECT_NE(a, b);
  // A NUL counts twice in Xapian's keys.
  const std::string nuls = StoredTerm(std::string(200, '\0'));
  EXPECT_LE(nuls.size() + static_cast<size_t>(std::count(nuls.begin(), nuls.end(), '\0')),
            kMaxTermBytes);
}

TEST(SchemaTest, FilterTermsOfScalarsListsAndObjects) {
  const auto terms = FilterTerms(
      R"({"year":2020,"open":true,"tags":["a","b",["deep"],"a"],"by":{"name":"x"},"no":null,"f":1.5})",
      "here");
  ASSERT_TRUE(terms.ok());
  EXPECT_THAT(*terms, UnorderedElementsAre(FilterTerm("year", "2020"), FilterTerm("open", "true"),
                                           FilterTerm("tags", "a"), FilterTerm("tags", "b"),
                                           FilterTerm("by.name", "x"), FilterTerm("f", "1.5")));
  EXPECT_NE(FilterTerm("a:b", "c"), FilterTerm("a", "b:c"));
}

TEST(SchemaTest, FieldsMustBeAnObject) {
  EXPECT_TRUE(FilterTerms("", "here")->empty());
  EXPECT_EQ(FilterTerms("[1]", "here").status().message(),
            "here: fields must be a JSON object, found an array");
  EXPECT_THAT(FilterTerms("{", "here").status().message(), HasSubstr("here: line 1"));
}

TEST(SchemaTest, RecordsRoundTripAndDamageIsFound) {
  const Document document = {"id", "title", std::string(300, 'x'), R"({"a":1})"};
  const std::string record = EncodeRecord(document);
  Document read;
  ASSERT_TRUE(DecodeRecord(record, read).ok());
  EXPECT_EQ(read.title, document.title);
  EXPECT_EQ(read.text, document.text);
  EXPECT_EQ(read.fields, document.fields);
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(DecodeRecord(record.substr(0, size), read).code(), StatusCode::kDataCorruption);
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = record;
      damaged[size] = static_cast<char>(damaged[size] ^ (1 << bit));
      (void)DecodeRecord(damaged, read);
    }
  }
  EXPECT_THAT(DecodeRecord(record + "y", read).message(), HasSubstr("1 bytes too many"));
  EXPECT_THAT(DecodeRecord("\x02", read).message(), HasSubstr("starts with byte 2, expected 1"));
  EXPECT_THAT(DecodeRecord(record.substr(0, 5), read).message(), HasSubstr("is cut short"));
}

TEST(SchemaTest, FingerprintsSeeWhereAFieldEnds) {
  EXPECT_FALSE(ContentFingerprint({"", "ab", "c", ""}) == ContentFingerprint({"", "a", "bc", ""}));
  EXPECT_TRUE(ContentFingerprint({"1", "a", "b", ""}) == ContentFingerprint({"2", "a", "b", ""}));
}

TEST(SchemaTest, RecordKeysSortAsNumbers) {
  EXPECT_EQ(RecordKey(0x01020304), "r\x01\x02\x03\x04");
  EXPECT_LT(RecordKey(255), RecordKey(256));
}

TEST(SchemaTest, StatesRoundTripAndBadOnesAreNamed) {
  const IndexState state = {7, {"german", false}};
  const auto read = IndexState::FromJson(state.ToJson(), "db");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->generation, 7U);
  EXPECT_EQ(read->analyzer, state.analyzer);
  EXPECT_EQ(IndexState::FromJson("", "db").status().message(),
            "db: a Xapian database, but not one that Podium made");
  const Status newer = IndexState::FromJson(R"({"version":2})", "db").status();
  EXPECT_EQ(newer.code(), StatusCode::kUnsupported);
  EXPECT_EQ(newer.message(), "db: schema version 2, this program reads version 1");
  const std::string whole = state.ToJson();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(IndexState::FromJson(whole.substr(0, size), "db").ok());
  }
}

}  // namespace
}  // namespace podium::lexical
