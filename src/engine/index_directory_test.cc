#include "engine/index_directory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/file.h"

namespace podium::engine {
namespace {

using ::testing::HasSubstr;

class IndexDirectoryTest : public ::testing::Test {
 protected:
  IndexDirectoryTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~IndexDirectoryTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Index() const { return root_ / "index"; }

  // An index of one document, one commit.
  void MakeIndex() const {
    const auto session = IndexSession::Open(Index());
    ASSERT_TRUE(session.ok()) << session.status().ToString();
    ASSERT_TRUE((*session)->writer().Put({"a", "", "wind tunnel", ""}).ok());
    ASSERT_TRUE((*session)->Commit().ok());
  }

  void Overwrite(std::string_view name, std::string_view text) const {
    std::ofstream(Index() / name, std::ios::binary) << text;
  }

  Status OpenError() const { return OpenIndex(Index()).status(); }
  Status WriteError() const { return IndexSession::Open(Index()).status(); }

  std::filesystem::path root_;
};

TEST_F(IndexDirectoryTest, MakesAndOpensAnIndex) {
  MakeIndex();
  const auto reader = OpenIndex(Index());
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  EXPECT_EQ((*reader)->documents(), 1U);
  const auto info = ReadIndexInfo(Index());
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->format_version, 1);
  EXPECT_EQ(info->stats.generation, 1U);
  EXPECT_EQ(info->analyzer.language, "english");
  EXPECT_GT(info->bytes, 0U);
  EXPECT_THAT(io::ReadFile(Index() / "podium.json").value(),
              HasSubstr("\"generation\": 1,\n  \"documents\": 1"));
}

TEST_F(IndexDirectoryTest, MakesParents) {
  EXPECT_TRUE(IndexSession::Open(root_ / "a" / "b").ok());
  EXPECT_EQ(OpenIndex(root_ / "a" / "b").value()->documents(), 0U);
}

TEST_F(IndexDirectoryTest, MissingDirectoryIsNamed) {
  EXPECT_EQ(OpenError().code(), StatusCode::kNotFound);
  EXPECT_THAT(OpenError().message(), HasSubstr("index: there is no such index"));
}

TEST_F(IndexDirectoryTest, ForeignDirectoriesAreLeftAlone) {
  std::filesystem::create_directory(Index());
  Overwrite("notes.txt", "x");
  EXPECT_EQ(OpenError().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(OpenError().message(), HasSubstr("not an index (it has no podium.json)"));
  EXPECT_EQ(WriteError().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(WriteError().message(), HasSubstr("neither an index nor empty (it holds notes.txt)"));
  EXPECT_FALSE(std::filesystem::exists(Index() / "lock"));
}

TEST_F(IndexDirectoryTest, AFileIsNoDirectory) {
  std::ofstream(Index()) << "x";
  EXPECT_THAT(WriteError().message(), HasSubstr("cannot make directory"));
  EXPECT_FALSE(OpenError().ok());
}

TEST_F(IndexDirectoryTest, NewerFormatsAreRefused) {
  MakeIndex();
  Overwrite("podium.json", R"({"format":"podium index","version":2,"generation":1})");
  for (const Status& status : {OpenError(), WriteError()}) {
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_THAT(status.message(), HasSubstr("podium.json: index format version 2, this program "
                                            "reads up to version 1"));
  }
}

TEST_F(IndexDirectoryTest, DamagedDescriptionsAreNamed) {
  MakeIndex();
  const std::string whole = io::ReadFile(Index() / "podium.json").value();
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    Overwrite("podium.json", whole.substr(0, size));
    EXPECT_EQ(OpenError().code(), StatusCode::kDataCorruption) << size;
    EXPECT_THAT(OpenError().message(), HasSubstr("podium.json"));
  }
  Overwrite("podium.json", R"({"format":"other"})");
  EXPECT_THAT(OpenError().message(), HasSubstr("not the description of a Podium index"));
  Overwrite("podium.json", R"({"format":"podium index","version":1})");
  EXPECT_THAT(OpenError().message(), HasSubstr("\"generation\" is missing"));
}

TEST_F(IndexDirectoryTest, AMissingPartIsNamed) {
  MakeIndex();
  std::filesystem::remove_all(Index() / "lexical");
  for (const Status& status : {OpenError(), WriteError()}) {
    EXPECT_EQ(status.code(), StatusCode::kDataCorruption);
    EXPECT_THAT(status.message(), HasSubstr("the index lost its part lexical"));
  }
}

TEST_F(IndexDirectoryTest, OneWriterAtATime) {
  MakeIndex();
  const auto first = IndexSession::Open(Index());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(WriteError().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(WriteError().message(), HasSubstr("another process is writing to this index"));
  EXPECT_TRUE(OpenIndex(Index()).ok());
}

// A kill between Xapian's commit and the replacement of podium.json leaves the latter behind.
TEST_F(IndexDirectoryTest, LaggingDescriptionIsMended) {
  MakeIndex();
  Overwrite("podium.json", R"({"format":"podium index","version":1,"generation":0,"documents":0})");
  EXPECT_EQ(OpenIndex(Index()).value()->documents(), 1U);
  ASSERT_TRUE(IndexSession::Open(Index()).ok());
  EXPECT_THAT(io::ReadFile(Index() / "podium.json").value(), HasSubstr("\"generation\": 1"));
}

// A kill before podium.json is there leaves a lock, perhaps a temporary file.
TEST_F(IndexDirectoryTest, AnIndexThatWasHardlyBegunIsNone) {
  std::filesystem::create_directories(Index());
  EXPECT_EQ(OpenError().code(), StatusCode::kInvalidArgument) << "just a folder";
  Overwrite("lock", "");
  Overwrite("podium.json.Ab12cd", "half");
  EXPECT_EQ(OpenError().code(), StatusCode::kNotFound);
  EXPECT_THAT(OpenError().message(), HasSubstr("nothing was indexed here yet"));
  EXPECT_EQ(WriteError().ToString(), "ok");
  EXPECT_EQ(OpenIndex(Index()).value()->documents(), 0U);
}

// A kill while the index is made leaves podium.json of generation 0, a lock, half a database.
TEST_F(IndexDirectoryTest, HalfMadeIndexIsFinished) {
  std::filesystem::create_directories(Index() / "lexical");
  Overwrite("podium.json", R"({"format":"podium index","version":1,"generation":0,"documents":0})");
  Overwrite("lock", "");
  Overwrite("podium.json.Ab12cd", "half");
  Overwrite("lexical/postlist.glass", "");
  EXPECT_EQ(OpenError().code(), StatusCode::kNotFound);
  EXPECT_THAT(OpenError().message(), HasSubstr("nothing was indexed here yet"));
  EXPECT_EQ(WriteError().ToString(), "ok");
  EXPECT_FALSE(std::filesystem::exists(Index() / "podium.json.Ab12cd"));
  EXPECT_EQ(OpenIndex(Index()).value()->documents(), 0U);
}

TEST_F(IndexDirectoryTest, UnknownLanguageMakesNothing) {
  lexical::IndexOptions options;
  options.analyzer = text::AnalyzerSpec{.language = "klingon", .stop_words = true};
  const auto session = IndexSession::Open(Index(), options);
  EXPECT_THAT(session.status().message(), HasSubstr("unknown language \"klingon\""));
  EXPECT_FALSE(std::filesystem::exists(Index() / "podium.json"));
}

}  // namespace
}  // namespace podium::engine
