#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lexical/index_reader.h"
#include "lexical/index_writer.h"

namespace podium::lexical {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A directory that lives as long as a test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::unique_ptr<IndexWriter> OpenWriter(const std::filesystem::path& path,
                                        const IndexOptions& options = {}) {
  auto writer = IndexWriter::Open(path, options);
  EXPECT_TRUE(writer.ok()) << writer.status().ToString();
  return std::move(writer).value();
}

std::unique_ptr<const IndexReader> OpenReader(const std::filesystem::path& path) {
  auto reader = IndexReader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  return std::move(reader).value();
}

std::vector<std::string> Ids(const IndexReader& reader, std::string_view query, size_t k = 10,
                             const std::vector<Filter>& filters = {}) {
  const Result<std::vector<Hit>> hits = reader.Search(query, k, filters);
  EXPECT_TRUE(hits.ok()) << hits.status().ToString();
  std::vector<std::string> ids;
  for (const Hit& hit : *hits) {
    ids.push_back(hit.id);
  }
  return ids;
}

TEST(IndexTest, FindsWhatWasCommitted) {
  const TemporaryDirectory directory;
  const auto writer = OpenWriter(directory.path() / "i");
  ASSERT_TRUE(writer->Put({"a", "Cats", "run in circles", R"({"year":2020})"}).ok());
  ASSERT_TRUE(writer->Put({"b", "", "dogs run", ""}).ok());
  ASSERT_TRUE(writer->Commit().ok());
  const auto reader = OpenReader(directory.path() / "i");
  EXPECT_EQ(reader->documents(), 2U);
  EXPECT_THAT(Ids(*reader, "running"), ElementsAre("b", "a"));
  EXPECT_THAT(Ids(*reader, "cat"), ElementsAre("a"));
  EXPECT_THAT(Ids(*reader, "the of"), IsEmpty());
  EXPECT_THAT(Ids(*reader, "run", 10, {{"year", "2020"}}), ElementsAre("a"));
  const auto document = reader->Get("a");
  ASSERT_TRUE(document.ok() && document->has_value());
  EXPECT_EQ((*document)->text, "run in circles");
  EXPECT_EQ((*document)->fields, R"({"year":2020})");
}

}  // namespace
}  // namespace podium::lexical
