#include "io/compressed.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace podium::io {
namespace {

using ::testing::HasSubstr;

class CompressedTest : public ::testing::Test {
 protected:
  CompressedTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~CompressedTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(std::string_view bytes) const {
    const std::string path = (directory_ / "file").string();
    std::filesystem::remove(path);  // some file systems flush a file that is written over
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static Result<std::string> ReadAll(const std::string& path, size_t chunk = 1000) {
    PODIUM_ASSIGN_OR_RETURN(const auto source, OpenByteSource(path));
    std::string all;
    std::vector<char> buffer(chunk);
    while (true) {
      PODIUM_ASSIGN_OR_RETURN(const size_t count, source->Read(buffer));
      if (count == 0) {
        return all;
      }
      all.append(buffer.data(), count);
    }
  }

  std::filesystem::path directory_;
};

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string input(text);
  std::string out(deflateBound(&stream, input.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string SampleText() {
  std::string text;
  for (int i = 0; i < 30000; ++i) {
    text += "line " + std::to_string(i * i) + "\n";
  }
  return text;
}

TEST_F(CompressedTest, ReadsPlainGzipAndZstdByContent) {
  const std::string text = SampleText();
  for (const std::string& bytes : {text, Gzip(text), Zstd(text)}) {
    for (const size_t chunk : {7U, 1000U, 1000000U}) {
      const Result<std::string> read = ReadAll(Write(bytes), chunk);
      ASSERT_TRUE(read.ok()) << read.status().ToString();
      EXPECT_EQ(*read, text);
    }
  }
}

TEST_F(CompressedTest, ReadsEmptyStreams) {
  for (const std::string& bytes : {std::string(), Gzip(""), Zstd("")}) {
    const Result<std::string> read = ReadAll(Write(bytes));
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, "");
  }
}

TEST_F(CompressedTest, ReadsManyMembersAndFrames) {
  EXPECT_EQ(ReadAll(Write(Gzip("one ") + Gzip("") + Gzip("two"))).value(), "one two");
  EXPECT_EQ(ReadAll(Write(Gzip("one") + std::string(5000, '\0'))).value(), "one");
  const std::string skippable("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
  EXPECT_EQ(ReadAll(Write(skippable + Zstd("one ") + skippable + Zstd("two"))).value(), "one two");
}

// Every cut is an error that names the file, never less text taken for all of it.
TEST_F(CompressedTest, EveryTruncationIsAnError) {
  const std::string text = SampleText().substr(0, 2000);
  for (const std::string& bytes : {Gzip(text), Zstd(text)}) {
    for (size_t size = 4; size < bytes.size(); ++size) {
      const Result<std::string> read = ReadAll(Write(bytes.substr(0, size)));
      ASSERT_FALSE(read.ok()) << "cut at " << size;
      EXPECT_EQ(read.status().code(), StatusCode::kDataCorruption);
      EXPECT_THAT(read.status().message(), HasSubstr("file: "));
      EXPECT_THAT(read.status().message(), HasSubstr("ends early"));
    }
  }
}

TEST_F(CompressedTest, FlippedBitsGiveTheTextOrAnError) {
  const std::string text = SampleText().substr(0, 2000);
  for (const std::string& bytes : {Gzip(text), Zstd(text)}) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      const Result<std::string> read = ReadAll(Write(damaged));
      if (!read.ok()) {
        EXPECT_EQ(read.status().code(), StatusCode::kDataCorruption);
      }
    }
  }
}

TEST_F(CompressedTest, GarbageAfterGzipIsAnError) {
  const Result<std::string> read = ReadAll(Write(Gzip("one") + std::string("\0x", 2)));
  EXPECT_THAT(read.status().message(), HasSubstr("garbage after the gzip stream"));
  EXPECT_THAT(ReadAll(Write(Gzip("one") + "junk")).status().message(),
              HasSubstr("damaged gzip stream"));
  EXPECT_THAT(ReadAll(Write(Zstd("one") + "junk")).status().message(),
              HasSubstr("damaged zstd stream"));
}

TEST_F(CompressedTest, MissingFileAndDirectoryAreNamed) {
  EXPECT_EQ(ReadAll("/nonexistent/x").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(ReadAll(directory_.string()).status().message(), HasSubstr("it is a directory"));
}

}  // namespace
}  // namespace podium::io
