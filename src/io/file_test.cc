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
TEST_F(FileTest, FullDiskKeepsTheOldFile) {
  const auto path = dir_ / "a";
  ASSERT_TRUE(WriteFileAtomic(path, "old").ok());
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Status status = WriteFileAtomic(path, std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.ToString();
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_), {}), 1);
}

}  // namespace
}  // namespace podium::io
