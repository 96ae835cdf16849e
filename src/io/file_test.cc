#include "io/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace podium::io {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() : dir_(testing::TempDir() + "/podium_file_" + std::to_string(getpid())) {
    std::filesystem::create_directories(dir_);
  }
  ~FileTest() override { std::filesystem::remove_all(dir_); }

  const std::filesystem::path dir_;
};

TEST_F(FileTest, RoundTripsAndReplaces) {
  const auto path = dir_ / "a";
  ASSERT_TRUE(WriteFileAtomic(path, "one").ok());
  ASSERT_TRUE(WriteFileAtomic(path, "two").ok());
  EXPECT_EQ(*ReadFile(path), "two");
  ASSERT_TRUE(WriteFileAtomic(path, "").ok());
  EXPECT_EQ(*ReadFile(path), "");
}

TEST_F(FileTest, ErrorsNameThePath) {
  EXPECT_EQ(MappedFile::Open(dir_ / "gone").status().ToString(),
            "not found: cannot open " + (dir_ / "gone").string() + ": No such file or directory");
  EXPECT_EQ(ReadFile(dir_).status().message(),
            "cannot read " + dir_.string() + ": not a regular file");
  EXPECT_EQ(WriteFileAtomic(dir_ / "no" / "x", "1").code(), StatusCode::kNotFound);
}

TEST_F(FileTest, DroppedWithoutCommitLeavesNothing) {
  const auto path = dir_ / "a";
  ASSERT_TRUE(WriteFileAtomic(path, "old").ok());
  {
    auto file = AtomicFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Append("new").ok());
  }
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_), {}), 1);
}

// A file size limit stands in for a full disk: write(2) fails in the same place.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small = before_;
    small.rlim_cur = bytes;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_ = {};
};

TEST_F(FileTest, FullDiskKeepsTheOldFile) {
  const auto path = dir_ / "a";
  ASSERT_TRUE(WriteFileAtomic(path, "old").ok());
  Status status;
  {
    const SmallDisk disk(1000);
    status = WriteFileAtomic(path, std::string(5000, 'x'));
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.ToString();
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_), {}), 1);
}

TEST_F(FileTest, AppendingGoesOnWhereTheCountedBytesEnd) {
  const auto path = dir_ / "a";
  {
    auto file = AppendFile::Open(path, 0);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE(file->Append("abc").ok());
    EXPECT_EQ(file->size(), 3U);
    EXPECT_EQ(*ReadFile(path), "") << "buffered";
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->Append("lost").ok());
    ASSERT_TRUE(file->Flush().ok());
  }
  EXPECT_EQ(*ReadFile(path), "abclost");
  auto file = AppendFile::Open(path, 3);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("de").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(*ReadFile(path), "abcde");
  EXPECT_EQ(file->size(), 5U);
}

TEST_F(FileTest, AppendingNeedsTheCountedBytes) {
  const auto path = dir_ / "a";
  EXPECT_EQ(AppendFile::Open(path, 1).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomic(path, "abc").ok());
  const Status status = AppendFile::Open(path, 4).status();
  EXPECT_EQ(status.code(), StatusCode::kDataCorruption);
  EXPECT_EQ(status.message(), path.string() + ": 3 bytes, expected at least 4");
  EXPECT_EQ(*ReadFile(path), "abc");
}

TEST_F(FileTest, AppendingToAFullDiskKeepsWhatWasThere) {
  const auto path = dir_ / "a";
  auto file = AppendFile::Open(path, 0);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  {
    const SmallDisk disk(1000);
    ASSERT_TRUE(file->Append(std::string(5000, 'x')).ok());
    EXPECT_EQ(file->Sync().code(), StatusCode::kResourceExhausted);
  }
  EXPECT_EQ(file->Append("y").code(), StatusCode::kResourceExhausted) << "the error stays";
  EXPECT_EQ(file->Flush().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFile(path)->substr(0, 3), "abc");
}

}  // namespace
}  // namespace podium::io
