#include "io/json_view.h"

#include <gtest/gtest.h>

namespace podium::io {
namespace {

TEST(JsonView, ReadsValuesInOrder) {
  const auto document =
      JsonDocument::Parse(R"({"b": 1, "a": [true, -2.5, "x\u0000y"], "n": null})", "f.json");
  ASSERT_TRUE(document.ok()) << document.status().ToString();
  const JsonView root = document->root();
  std::string keys;
  ASSERT_TRUE(root.ForEachMember([&](std::string_view key, JsonView) {
                    keys += key;
                    return Status::Ok();
                  })
                  .ok());
  EXPECT_EQ(keys, "ban");
  EXPECT_EQ(root.size(), 3U);
  EXPECT_EQ(*ViewGet<int64_t>(root, "b", "f.json"), 1);
  EXPECT_EQ(*ViewGet<double>(root, "b", "f.json"), 1.0);
  EXPECT_FALSE(root.Find("n").has_value());
  EXPECT_EQ(*ViewGetOr<int64_t>(root, "n", 7, "f.json"), 7);
  std::string text;
  ASSERT_TRUE(root.Find("a")
                  ->ForEachElement([&](JsonView element) {
                    text = element.As<std::string_view>().value_or("");
                    return Status::Ok();
                  })
                  .ok());
  EXPECT_EQ(text, std::string("x\0y", 3));
}

TEST(JsonView, ErrorsNameFileKeyAndTypes) {
  EXPECT_NE(JsonDocument::Parse("{\"a\": }", "f.json").status().message().find("f.json: "),
            std::string::npos);
  const auto document = JsonDocument::Parse(R"({"a": "text"})", "f.json");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(ViewGet<int64_t>(document->root(), "a", "f.json: model").status().message(),
            "f.json: model: \"a\" must be an integer, found a string");
  EXPECT_EQ(ViewGet<bool>(document->root(), "b", "f.json").status().message(),
            "f.json: \"b\" is missing");
  EXPECT_EQ(ViewGet<bool>(*document->root().Find("a"), "b", "f.json").status().message(),
            "f.json: expected an object, found a string");
}

TEST(JsonView, RefusesDeepNestingInfinityAndBadUtf8) {
  EXPECT_FALSE(JsonDocument::Parse(std::string(300, '[') + std::string(300, ']'), "f").ok());
  EXPECT_TRUE(JsonDocument::Parse(std::string(150, '[') + std::string(150, ']'), "f").ok());
  EXPECT_FALSE(JsonDocument::Parse("[1e999]", "f").ok());
  EXPECT_FALSE(JsonDocument::Parse("[NaN]", "f").ok());
  EXPECT_FALSE(JsonDocument::Parse("[\"\xFF\"]", "f").ok());
  EXPECT_FALSE(JsonDocument::Parse("", "f").ok());
}

}  // namespace
}  // namespace podium::io
