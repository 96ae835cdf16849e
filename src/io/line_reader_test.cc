#include "io/line_reader.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::io {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A text handed out in pieces of a given size.
class StringSource : public ByteSource {
 public:
  StringSource(std::string text, size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<size_t> Read(std::span<char> buffer) override {
    const size_t count = std::min({piece_, buffer.size(), text_.size() - position_});
    std::memcpy(buffer.data(), text_.data() + position_, count);
    position_ += count;
    return count;
  }

 private:
  std::string text_;
  size_t piece_;
  size_t position_ = 0;
};

std::unique_ptr<LineReader> Reader(std::string text, size_t piece = 3,
                                   size_t most = kMaxLineBytes) {
  return std::make_unique<LineReader>(std::make_unique<StringSource>(std::move(text), piece), "in",
                                      most);
}

std::vector<std::string> Lines(const std::string& text, size_t piece = 3) {
  const auto reader = Reader(text, piece);
  std::vector<std::string> lines;
  while (true) {
    const auto line = reader->Next();
    EXPECT_TRUE(line.ok());
    if (!line->has_value()) {
      return lines;
    }
    lines.emplace_back(**line);
    EXPECT_EQ(reader->line(), lines.size());
  }
}

TEST(LineReaderTest, SplitsAtBothLineEnds) {
  for (const size_t piece : {1U, 2U, 5U, 100U}) {
    EXPECT_THAT(Lines("one\ntwo\r\n\nfour", piece), ElementsAre("one", "two", "", "four"));
    EXPECT_THAT(Lines("one\n", piece), ElementsAre("one"));
    EXPECT_THAT(Lines("\n", piece), ElementsAre(""));
    EXPECT_THAT(Lines("a\rb\n", piece), ElementsAre("a\rb"));
  }
  EXPECT_THAT(Lines(""), IsEmpty());
}

TEST(LineReaderTest, DropsByteOrderMark) {
  EXPECT_THAT(Lines("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo"), ElementsAre("one", "\xEF\xBB\xBFtwo"));
  EXPECT_THAT(Lines("\xEF\xBB\xBF"), IsEmpty());
}

TEST(LineReaderTest, KeepsLineEndsOnRequest) {
  const auto reader = Reader("a\r\nb");
  EXPECT_EQ(**reader->NextWithEnd(), "a\r\n");
  EXPECT_EQ(**reader->NextWithEnd(), "b");
  EXPECT_FALSE(reader->NextWithEnd()->has_value());
}

TEST(LineReaderTest, LongLinesCrossBuffers) {
  const std::string long_line(size_t{5} << 20, 'x');
  EXPECT_THAT(Lines("a\n" + long_line + "\nb", 100000), ElementsAre("a", long_line, "b"));
}

TEST(LineReaderTest, OverLongLineIsNamed) {
  const auto reader = Reader("short\n" + std::string(50, 'x') + "\n", 7, 20);
  EXPECT_TRUE(reader->Next().ok());
  const auto line = reader->Next();
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.status().ToString(), "invalid argument: in:2: the line is longer than 20 bytes");
}

TEST(LineReaderTest, PeeksWithoutTaking) {
  const auto reader = Reader("\xEF\xBB\xBF \n {x");
  EXPECT_EQ(reader->PeekContent().value(), '{');
  EXPECT_EQ(**reader->Next(), " ");
  EXPECT_FALSE(Reader(" \n")->PeekContent()->has_value());
  EXPECT_FALSE(Reader("")->PeekContent()->has_value());
}

}  // namespace
}  // namespace podium::io
