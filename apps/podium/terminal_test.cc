#include "terminal.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <locale.h>

namespace podium::cli {
namespace {

using testing::ElementsAre;

TEST(TableTest, AlignsNumbersRightAndTextLeft) {
  Table table({"name", "n"});
  table.AddRow({"a", "5"});
  table.AddRow({"long", "12.5"});
  EXPECT_EQ(table.ToString(),
            "name     n\n"
            "a        5\n"
            "long  12.5\n");
}

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("é"), 1U);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1U);
  EXPECT_EQ(DisplayWidth("日本"), 4U);
  EXPECT_EQ(DisplayWidth("\033[1mbold\033[0m"), 4U);
}

TEST(WrapLinesTest, BreaksBetweenWords) {
  EXPECT_THAT(WrapLines("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapLines("incomprehensibilities no", 5), ElementsAre("incomprehensibilities", "no"));
  EXPECT_THAT(WrapLines("", 5), ElementsAre());
}

}  // namespace
}  // namespace podium::cli
