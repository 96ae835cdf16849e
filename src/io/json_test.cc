#include "io/json.h"

#include <string>

#include <gtest/gtest.h>

namespace podium::io {
namespace {

TEST(JsonTest, ParseErrorNamesFileLineAndColumn) {
  const auto result = ParseJson("{\n \"a\": 1,\n \"b\": }\n", "config.json");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message().find("config.json: line 3, column "), 0U)
      << result.status().message();
}

TEST(JsonTest, RefusesAbsurdNestingWithoutCrashing) {
  const std::string deep(100000, '[');
  const auto result = ParseJson(deep, "x");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(), "x: JSON nested deeper than 200 levels");
  EXPECT_TRUE(ParseJson("[\"[[[\\\"[[\"]", "x").ok());
}

TEST(JsonTest, GetChecksPresenceTypeAndRange) {
  const Json value = *ParseJson(R"({"n": 3, "big": 5000000000, "s": "x", "null": null})", "t");
  EXPECT_EQ(*JsonGet<int32_t>(value, "n", "t"), 3);
  EXPECT_EQ(*JsonGet<double>(value, "n", "t"), 3.0);
  EXPECT_EQ(JsonGet<int32_t>(value, "big", "t").status().message(),
            "t: \"big\" must be an integer, found 5000000000");
  EXPECT_EQ(JsonGet<int32_t>(value, "s", "t").status().message(),
            "t: \"s\" must be an integer, found a string");
  EXPECT_EQ(JsonGet<bool>(value, "gone", "t").status().message(), "t: \"gone\" is missing");
  EXPECT_EQ(*JsonGetOr<int32_t>(value, "null", 7, "t"), 7);
  EXPECT_FALSE(JsonGetOr<int32_t>(value, "s", 7, "t").ok());
}

TEST(JsonTest, DumpReplacesInvalidUtf8) {
  EXPECT_EQ(DumpJson(Json("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace podium::io
