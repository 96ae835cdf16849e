#include "engine/index_builder.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "engine/index_directory.h"

namespace podium::engine {
namespace {

using ::testing::HasSubstr;

class IndexBuilderTest : public ::testing::Test {
 protected:
  IndexBuilderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~IndexBuilderTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Index() const { return root_ / "index"; }

  std::unique_ptr<IndexBuilder> Open(const IndexBuilderOptions& options = {}) const {
    auto builder = IndexBuilder::Open(Index(), options);
    EXPECT_TRUE(builder.ok()) << builder.status().ToString();
    return std::move(builder).value();
  }

  static Document Passage(size_t i, std::string_view text = "wind tunnel") {
    return {Format("d{}", i), "", Format("{} number{}", text, i), ""};
  }

  std::filesystem::path root_;
};

TEST_F(IndexBuilderTest, IndexesManyDocumentsInOrder) {
  for (const size_t threads : {1U, 2U, 5U}) {
    std::filesystem::remove_all(Index());
    IndexBuilderOptions options;
    options.threads = threads;
    const auto builder = Open(options);
    for (size_t i = 0; i < 1000; ++i) {
      ASSERT_TRUE(builder->Add(Passage(i)).ok());
    }
    ASSERT_TRUE(builder->Commit().ok());
    EXPECT_EQ(builder->counts().added, 1000U);
    EXPECT_EQ(builder->documents(), 1000U);
    const auto reader = OpenIndex(Index()).value();
    EXPECT_EQ(reader->documents(), 1000U);
    // Order of arrival is order of docids, whatever the threads did.
    EXPECT_EQ(reader->GetByDocid(1)->document.id, "d0");
    EXPECT_EQ(reader->GetByDocid(1000)->document.id, "d999");
  }
}

TEST_F(IndexBuilderTest, LastOfOneIdWinsAndRepeatsAreSkipped) {
  {
    const auto builder = Open();
    ASSERT_TRUE(builder->Add({"a", "", "one", ""}).ok());
    ASSERT_TRUE(builder->Add({"a", "", "two", ""}).ok());
    ASSERT_TRUE(builder->Add({"b", "", "three", ""}).ok());
    ASSERT_TRUE(builder->Commit().ok());
    EXPECT_EQ(builder->counts().added, 2U);
    EXPECT_EQ(builder->counts().updated, 1U);
  }
  EXPECT_EQ(OpenIndex(Index()).value()->Get("a").value()->text, "two");
  const auto builder = Open();
  ASSERT_TRUE(builder->Add({"b", "", "three", ""}).ok());
  // What is committed, then something else, then what was committed: the last wins.
  ASSERT_TRUE(builder->Add({"a", "", "four", ""}).ok());
  ASSERT_TRUE(builder->Add({"a", "", "two", ""}).ok());
  ASSERT_TRUE(builder->Commit().ok());
  EXPECT_EQ(builder->counts().unchanged, 1U);
  EXPECT_EQ(builder->counts().updated, 2U);
  EXPECT_EQ(OpenIndex(Index()).value()->Get("a").value()->text, "two");
}

TEST_F(IndexBuilderTest, CommitsOnTheWay) {
  std::vector<uint64_t> commits;
  IndexBuilderOptions options;
  options.commit_documents = 100;
  options.on_commit = [&commits](const IndexCounts& counts) { commits.push_back(counts.total()); };
  const auto builder = Open(options);
  for (size_t i = 0; i < 250; ++i) {
    ASSERT_TRUE(builder->Add(Passage(i)).ok());
  }
  ASSERT_TRUE(builder->Commit().ok());
  EXPECT_THAT(commits, testing::ElementsAre(100, 200));
  EXPECT_EQ(OpenIndex(Index()).value()->stats().generation, 3U);
}

TEST_F(IndexBuilderTest, DropsWhatWasNotCommitted) {
  {
    IndexBuilderOptions options;
    options.commit_bytes = 0;
    const auto builder = Open(options);
    for (size_t i = 0; i < 500; ++i) {
      ASSERT_TRUE(builder->Add(Passage(i)).ok());
    }
  }
  EXPECT_EQ(OpenIndex(Index()).value()->documents(), 0U);
}

TEST_F(IndexBuilderTest, ErrorsReachTheCallerAndStay) {
  const auto builder = Open();
  ASSERT_TRUE(builder->Add({"a", "", "x", "[1]"}).ok());
  const Status committed = builder->Commit();
  EXPECT_EQ(committed.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(committed.message(), HasSubstr("fields of document a"));
  EXPECT_EQ(builder->Commit().message(), committed.message());
  EXPECT_EQ(OpenIndex(Index()).value()->documents(), 0U);
}

}  // namespace
}  // namespace podium::engine
