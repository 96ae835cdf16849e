#include <signal.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/utf8.h"

namespace podium {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) {
    return InvalidArgument("odd");
  }
  return value / 2;
}

Result<int> Quarter(int value) {
  PODIUM_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

TEST(StatusTest, CarriesCodeMessageAndContext) {
  const Status status = DataCorruption("bad length").WithContext("a.safetensors");
  EXPECT_EQ(status.code(), StatusCode::kDataCorruption);
  EXPECT_EQ(status.ToString(), "data corruption: a.safetensors: bad length");
  EXPECT_TRUE(Status::Ok().WithContext("x").ok());
}

TEST(ResultTest, ReturnsValueOrFirstError) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

TEST(ResultTest, NeverHoldsAnOkStatus) {
  const Result<int> result{Status::Ok()};
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kInternal);
}

TEST(AlignedBufferTest, IsAlignedAndMoves) {
  AlignedBuffer<float> buffer(3);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0U);
  AlignedBuffer<float> other = std::move(buffer);
  EXPECT_EQ(other.size(), 3U);
}

TEST(ProgressTest, ShowsShareRateAndTimeLeft) {
  const Progress progress("indexing", "passages", 2000, false);
  const std::string line = progress.Render(500, 5, 100);
  EXPECT_NE(line.find("25 %"), std::string::npos) << line;
  EXPECT_NE(line.find("500 of 2,000 passages  100/s  15 s left"), std::string::npos) << line;
}

TEST(FormatSecondsTest, PicksTheUnit) {
  EXPECT_EQ(FormatSeconds(0.44), "0.4 s");
  EXPECT_EQ(FormatSeconds(187), "3:07");
  EXPECT_EQ(FormatSeconds(3723), "1:02:03");
  EXPECT_EQ(GroupDigits(1234567), "1,234,567");
  EXPECT_EQ(GroupDigits(12), "12");
}

TEST(Utf8Test, RoundTripsEveryScalarValue) {
  for (char32_t c = 0; c <= 0x10FFFF; c += 7) {
    if (c >= 0xD800 && c <= 0xDFFF) {
      continue;
    }
    std::string text;
    AppendUtf8(c, text);
    const DecodedCodePoint decoded = DecodeUtf8(text, 0);
    ASSERT_TRUE(decoded.valid);
    ASSERT_EQ(decoded.code_point, c);
    ASSERT_EQ(decoded.length, text.size());
  }
}

// The worked example of the Unicode Standard 15, table 3-8, and the cases around it.
TEST(Utf8Test, ReplacesMaximalSubparts) {
  EXPECT_EQ(ReplaceInvalidUtf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("plain text, long enough"), "plain text, long enough");
  EXPECT_EQ(ValidUtf8Prefix("0123456789\xFF"), 10U);
  EXPECT_TRUE(IsValidUtf8("caf\xC3\xA9"));
}

// A signal between the look at the flag and the wait must not be lost.
TEST(InterruptTest, AStopBeforeTheWaitEndsIt) {
  InstallStopHandler();
  int silent[2] = {};
  ASSERT_EQ(pipe(silent), 0);
  ASSERT_EQ(write(silent[1], "x", 1), 1);
  EXPECT_TRUE(WaitForInput(silent[0]));
  char byte = 0;
  ASSERT_EQ(read(silent[0], &byte, 1), 1);
  EXPECT_TRUE(CheckStop().ok());
  raise(SIGINT);
  EXPECT_FALSE(WaitForInput(silent[0]));
  EXPECT_EQ(CheckStop().message(), "stopped by the user");
  close(silent[0]);
  close(silent[1]);
}

}  // namespace
}  // namespace podium
