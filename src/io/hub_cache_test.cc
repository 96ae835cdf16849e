#include "io/hub_cache.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "io/file.h"

namespace podium::io {
namespace {

class HubCacheTest : public testing::Test {
 protected:
  HubCacheTest() : dir_(testing::TempDir() + "/podium_hub_" + std::to_string(getpid())) {
    std::filesystem::create_directories(dir_);
    setenv("HF_HUB_CACHE", dir_.c_str(), 1);
  }
  ~HubCacheTest() override {
    unsetenv("HF_HUB_CACHE");
    std::filesystem::remove_all(dir_);
  }

  const std::filesystem::path dir_;
};

TEST_F(HubCacheTest, ADirectoryIsItself) {
  EXPECT_EQ(*ResolveModel(dir_.string()), dir_);
}

TEST_F(HubCacheTest, FindsTheSnapshotOfMain) {
  const auto base = dir_ / "models--org--name";
  std::filesystem::create_directories(base / "refs");
  std::filesystem::create_directories(base / "snapshots" / "abc123");
  ASSERT_TRUE(WriteFileAtomic(base / "refs" / "main", "abc123\n").ok());
  EXPECT_EQ(*ResolveModel("org/name"), base / "snapshots" / "abc123");
}

TEST_F(HubCacheTest, ErrorsSayWhereItLooked) {
  EXPECT_EQ(ResolveModel("org/name").status().message(),
            "model org/name: no such directory, and not in the Hugging Face cache (" +
                (dir_ / "models--org--name").string() + ")");
  EXPECT_EQ(ResolveModel("nothing").status().message(), "model nothing: no such directory");
  EXPECT_EQ(ResolveModel("../x/y").status().message(), "model ../x/y: no such directory");
  EXPECT_FALSE(ResolveModel("").ok());
}

TEST_F(HubCacheTest, ABrokenReferenceIsCorruption) {
  const auto base = dir_ / "models--org--name";
  std::filesystem::create_directories(base / "refs");
  ASSERT_TRUE(WriteFileAtomic(base / "refs" / "main", "gone").ok());
  EXPECT_EQ(ResolveModel("org/name").status().code(), StatusCode::kDataCorruption);
  ASSERT_TRUE(WriteFileAtomic(base / "refs" / "main", "../../..").ok());
  EXPECT_EQ(ResolveModel("org/name").status().code(), StatusCode::kDataCorruption);
}

}  // namespace
}  // namespace podium::io
