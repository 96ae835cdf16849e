#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xapian.h>

#include "base/format.h"
#include "lexical/index_reader.h"
#include "lexical/index_writer.h"

namespace podium::lexical {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class IndexTest : public ::testing::Test {
 protected:
  IndexTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~IndexTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Path() const { return root_ / "index"; }

  std::unique_ptr<IndexWriter> Writer(const IndexOptions& options = {}) const {
    auto writer = IndexWriter::Open(Path(), options);
    EXPECT_TRUE(writer.ok()) << writer.status().ToString();
    return std::move(writer).value();
  }

  std::unique_ptr<const IndexReader> Reader() const {
    auto reader = IndexReader::Open(Path());
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    return std::move(reader).value();
  }

  // Writes and commits.
  void Index(const std::vector<Document>& documents) const {
    const auto writer = Writer();
    for (const Document& document : documents) {
      const auto outcome = writer->Put(document);
      ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    }
    ASSERT_TRUE(writer->Commit().ok());
  }

  static std::vector<std::string> Ids(const IndexReader& reader, std::string_view query,
                                      size_t k = 10, const std::vector<Filter>& filters = {}) {
    const Result<std::vector<Hit>> hits = reader.Search(query, k, filters);
    EXPECT_TRUE(hits.ok()) << hits.status().ToString();
    std::vector<std::string> ids;
    for (const Hit& hit : *hits) {
      ids.push_back(hit.id);
    }
    return ids;
  }

  std::filesystem::path root_;
};

TEST_F(IndexTest, FindsWhatWasCommitted) {
  Index({{"a", "Cats", "run in circles", R"({"year":2020})"}, {"b", "", "dogs run", ""}});
  const auto reader = Reader();
  EXPECT_EQ(reader->documents(), 2U);
  EXPECT_EQ(reader->stats().generation, 1U);
  EXPECT_DOUBLE_EQ(reader->stats().average_length, 2.5);
  EXPECT_THAT(Ids(*reader, "running"), ElementsAre("b", "a"));
  EXPECT_THAT(Ids(*reader, "cat"), ElementsAre("a"));
  EXPECT_THAT(Ids(*reader, "elephant"), IsEmpty());
  const auto document = reader->Get("a");
  ASSERT_TRUE(document.ok() && document->has_value());
  EXPECT_EQ((*document)->title, "Cats");
  EXPECT_EQ((*document)->text, "run in circles");
  EXPECT_EQ((*document)->fields, R"({"year":2020})");
  EXPECT_FALSE(reader->Get("c").value().has_value());
}

TEST_F(IndexTest, QueriesWithoutTermsHaveNoHits) {
  Index({{"a", "", "the of and", ""}, {"b", "", "", ""}});
  const auto reader = Reader();
  for (const std::string_view query : {"", "the of", "?!", "\xFF"}) {
    EXPECT_THAT(Ids(*reader, query), IsEmpty());
  }
  EXPECT_THAT(Ids(*reader, "cats", 0), IsEmpty());
  EXPECT_EQ(reader->Get("b").value()->text, "");
}

TEST_F(IndexTest, TiesAreInOrderOfIdAlsoAtTheCut) {
  std::vector<Document> documents;
  for (int i = 0; i < 100; ++i) {
    documents.push_back({Format("d{:02}", (i * 37) % 100), "", "same text", ""});
  }
  Index(documents);
  EXPECT_THAT(Ids(*Reader(), "text", 3), ElementsAre("d00", "d01", "d02"));
  EXPECT_THAT(Ids(*Reader(), "text", 1000), SizeIs(100));
  EXPECT_THAT(Ids(*Reader(), "text", SIZE_MAX), SizeIs(100));
}

TEST_F(IndexTest, FiltersAllHaveToHold) {
  Index({{"a", "", "cat", R"({"year":2020,"tags":["x","y"],"by":{"name":"N"}})"},
         {"b", "", "cat", R"({"year":2021,"tags":["y"]})"},
         {"c", "", "cat", ""}});
  const auto reader = Reader();
  EXPECT_THAT(Ids(*reader, "cat", 10, {{"tags", "y"}}), ElementsAre("a", "b"));
  EXPECT_THAT(Ids(*reader, "cat", 10, {{"tags", "y"}, {"year", "2021"}}), ElementsAre("b"));
  EXPECT_THAT(Ids(*reader, "cat", 10, {{"by.name", "N"}}), ElementsAre("a"));
  EXPECT_THAT(Ids(*reader, "cat", 10, {{"year", "1999"}}), IsEmpty());
  // A value that is no filter term cannot be reached through the text, nor the other way round.
  EXPECT_THAT(Ids(*reader, "2020"), IsEmpty());
}

TEST_F(IndexTest, UpdatesReplaceAndDeletesRemove) {
  Index({{"a", "", "cat", ""}, {"b", "", "dog", ""}});
  const auto writer = Writer();
  EXPECT_EQ(writer->Put({"a", "", "cat", ""}).value(), PutOutcome::kUnchanged);
  EXPECT_EQ(writer->Put({"a", "", "horse", ""}).value(), PutOutcome::kUpdated);
  EXPECT_EQ(writer->Put({"c", "", "cow", ""}).value(), PutOutcome::kAdded);
  EXPECT_EQ(writer->Put({"c", "", "cow", ""}).value(), PutOutcome::kUnchanged);
  EXPECT_TRUE(writer->Delete("b").value());
  EXPECT_FALSE(writer->Delete("b").value());
  EXPECT_TRUE(writer->IsUnchanged({"c", "", "cow", ""}).value());
  EXPECT_FALSE(writer->IsUnchanged({"b", "", "dog", ""}).value());
  EXPECT_EQ(writer->documents(), 2U);
  ASSERT_TRUE(writer->Commit().ok());
  const auto reader = Reader();
  EXPECT_THAT(Ids(*reader, "cat dog"), IsEmpty());
  EXPECT_THAT(Ids(*reader, "horse cow"), ElementsAre("a", "c"));
  EXPECT_EQ(reader->Get("a").value()->text, "horse");
  EXPECT_FALSE(reader->Get("b").value().has_value());
  EXPECT_TRUE(reader->Holds({"c", "", "cow", ""}).value());
  EXPECT_FALSE(reader->Holds({"c", "", "calf", ""}).value());
  EXPECT_EQ(reader->GetByDocid(2).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(reader->GetByDocid(0).status().code(), StatusCode::kNotFound);
}

TEST_F(IndexTest, WhatIsNotCommittedIsDropped) {
  Index({{"a", "", "cat", ""}});
  {
    const auto writer = Writer();
    ASSERT_TRUE(writer->Put({"b", "", "cat", ""}).ok());
    ASSERT_TRUE(writer->Rollback().ok());
    ASSERT_TRUE(writer->Put({"c", "", "cat", ""}).ok());
  }
  EXPECT_THAT(Ids(*Reader(), "cat"), ElementsAre("a"));
  // Also what was spilled to the tables on the way: more postings than are collected in memory.
  {
    const auto writer = Writer();
    for (int i = 0; i < 3000; ++i) {
      std::string text = "cat";
      for (int j = 0; j < 30; ++j) {
        text += Format(" w{}", i * 30 + j);
      }
      ASSERT_TRUE(writer->Put({Format("n{}", i), "", text, ""}).ok());
    }
  }
  EXPECT_THAT(Ids(*Reader(), "cat"), ElementsAre("a"));
}

TEST_F(IndexTest, LongIdsTermsAndFieldsWork) {
  const std::string long_id(5000, 'i');
  const std::string long_word(400, 'w');
  Index({{long_id + "1", "", long_word, R"({"k":")" + std::string(3000, 'v') + "\"}"},
         {long_id + "2", "", "cat", ""}});
  const auto reader = Reader();
  EXPECT_EQ(reader->Get(long_id + "1").value()->id, long_id + "1");
  EXPECT_FALSE(reader->Get(long_id).value().has_value());
  EXPECT_THAT(Ids(*reader, long_word, 10, {{"k", std::string(3000, 'v')}}),
              ElementsAre(long_id + "1"));
  EXPECT_TRUE(Writer()->Delete(long_id + "2").value());
}

TEST_F(IndexTest, IdsMayHoldAnything) {
  const std::string odd("a\0b c\n\"é", 9);
  Index({{odd, "", "cat", ""}, {"a", "", "dog", ""}});
  EXPECT_THAT(Ids(*Reader(), "cat"), ElementsAre(odd));
  EXPECT_EQ(Reader()->Get(odd).value()->text, "cat");
}

TEST_F(IndexTest, LargeDocumentsWork) {
  std::string text;
  while (text.size() < (size_t{1} << 20)) {
    text += Format("word{} ", text.size());
  }
  Index({{"big", "", text, ""}});
  EXPECT_EQ(Reader()->Get("big").value()->text, text);
}

TEST_F(IndexTest, BadDocumentsAreNamed) {
  const auto writer = Writer();
  EXPECT_EQ(writer->Put({"", "", "x", ""}).status().message(), "a document has an empty id");
  EXPECT_EQ(writer->Put({"a", "", "x", "[]"}).status().message(),
            "fields of document a: fields must be a JSON object, found an array");
  EXPECT_THAT(
      writer->Put({"a", "", std::string((size_t{64} << 20) + 1, 'x'), ""}).status().message(),
      HasSubstr("document a has 67108866 bytes, the most is 67108864"));
  EXPECT_EQ(writer->Put(PreparedDocument()).status().message(), "Put was given no document");
  EXPECT_TRUE(writer->Put({"a", "", "x", ""}).ok());  // none of these spoils the writer
}

TEST_F(IndexTest, TheAnalyzerIsKept) {
  IndexOptions german;
  german.analyzer = text::AnalyzerSpec{.language = "german", .stop_words = true};
  {
    const auto writer = Writer(german);
    ASSERT_TRUE(writer->Put({"a", "", "die Häuser", ""}).ok());
    ASSERT_TRUE(writer->Commit().ok());
  }
  EXPECT_EQ(Writer()->analyzer().spec().language, "german");
  EXPECT_TRUE(IndexWriter::Open(Path(), german).ok());
  EXPECT_THAT(Ids(*Reader(), "Haus"), ElementsAre("a"));
  IndexOptions english;
  english.analyzer = text::AnalyzerSpec{};
  const auto other = IndexWriter::Open(Path(), english);
  EXPECT_EQ(other.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(other.status().message(), HasSubstr("which cannot change to"));
}

TEST_F(IndexTest, OneWriterAtATime) {
  const auto writer = Writer();
  const auto second = IndexWriter::Open(Path());
  EXPECT_EQ(second.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(second.status().message(), HasSubstr("another process is writing to this index"));
}

TEST_F(IndexTest, MissingAndForeignDirectoriesAreNamed) {
  EXPECT_EQ(IndexReader::Open(Path()).status().code(), StatusCode::kNotFound);
  EXPECT_THAT(IndexReader::Open(Path()).status().message(), HasSubstr("there is no index here"));
  std::filesystem::create_directory(Path());
  std::ofstream(Path() / "iamglass") << "not Xapian";
  EXPECT_FALSE(IndexReader::Open(Path()).ok());
  EXPECT_FALSE(IndexWriter::Open(Path()).ok());
}

// A reader outlives any number of commits: it stays at its generation while that is on disk, then
// moves to a later one, and every answer is of one generation.
TEST_F(IndexTest, ReadersSurviveCommits) {
  const auto writer = Writer();
  const auto commit = [&](int round) {
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(
          writer->Put({Format("d{}", i), "", Format("cat round{} n{}", round, i), ""}).ok());
    }
    ASSERT_TRUE(writer->Commit().ok());
  };
  commit(0);
  const auto reader = Reader();
  commit(1);
  EXPECT_THAT(Ids(*reader, "round0", 1000), SizeIs(200));
  EXPECT_EQ(reader->stats().generation, 1U);
  for (int round = 2; round < 8; ++round) {
    commit(round);
    EXPECT_THAT(Ids(*reader, "cat", 1000), SizeIs(200));
    const auto document = reader->Get("d7");
    ASSERT_TRUE(document.ok()) << document.status().ToString();
    EXPECT_THAT((*document)->text, HasSubstr("n7"));
  }
  EXPECT_GT(reader->stats().generation, 1U);
}

TEST_F(IndexTest, ThreadsShareAReaderWhileAWriterWorks) {
  const auto writer = Writer();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(writer->Put({Format("d{}", i), "", Format("cat number{}", i), ""}).ok());
  }
  ASSERT_TRUE(writer->Commit().ok());
  const auto reader = Reader();
  std::vector<std::thread> threads;
  std::vector<Status> failures(4);
  for (Status& failure : failures) {
    threads.emplace_back([&reader, &failure] {
      for (int i = 0; i < 100 && failure.ok(); ++i) {
        const auto hits = reader->Search("cat", 1000);
        if (!hits.ok() || hits->size() != 300) {
          failure = hits.ok() ? Internal(Format("{} hits", hits->size())) : hits.status();
          return;
        }
        failure = reader->GetByDocid((*hits)[static_cast<size_t>(i)].docid).status();
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(writer->Put({Format("d{}", i), "", Format("cat round{}", round), ""}).ok());
    }
    ASSERT_TRUE(writer->Commit().ok());
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Status& failure : failures) {
    EXPECT_TRUE(failure.ok()) << failure.ToString();
  }
}

// A kill may come when Xapian has made its files and nothing was committed to them.
TEST_F(IndexTest, ADatabaseWithoutACommitIsNoIndexYet) {
  Xapian::WritableDatabase(Path().string(), Xapian::DB_CREATE).close();
  const Status status = IndexReader::Open(Path()).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("nothing was indexed here yet"));
  Index({{"a", "", "cat", ""}});
  EXPECT_THAT(Ids(*Reader(), "cat"), ElementsAre("a"));
}

TEST_F(IndexTest, ForEachVisitsAllInOrder) {
  Index({{"b", "", "x", ""}, {"a", "", "y", ""}});
  std::vector<std::string> ids;
  ASSERT_TRUE(Reader()
                  ->ForEach([&ids](uint32_t, const Document& document) {
                    ids.push_back(document.id);
                    return Status::Ok();
                  })
                  .ok());
  EXPECT_THAT(ids, ElementsAre("b", "a"));
  EXPECT_EQ(Reader()->ForEach([](uint32_t, const Document&) { return Cancelled("enough"); }).code(),
            StatusCode::kCancelled);
}

TEST_F(IndexTest, ContentChangesWithTitleTextAndFieldsAlone) {
  Index({{"a", "t", "x", ""}, {"b", "t", "x", ""}, {"c", "", "t x", ""}});
  const auto contents = [this] {
    std::vector<std::pair<uint32_t, Fingerprint>> found;
    const auto reader = Reader();
    EXPECT_TRUE(reader
                    ->ForEachContent([&](uint32_t docid, const Fingerprint& content) {
                      EXPECT_EQ(reader->GetByDocid(docid).value().content, content);
                      found.emplace_back(docid, content);
                      return Status::Ok();
                    })
                    .ok());
    std::vector<uint32_t> docids;
    for (const auto& [docid, content] : found) {
      docids.insert(docids.begin(), docid);  // the order is the caller's
    }
    const auto backwards = reader->Contents(docids).value();
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(backwards[found.size() - 1 - i], found[i].second);
    }
    return found;
  };
  const auto before = contents();
  ASSERT_THAT(before, SizeIs(3));
  EXPECT_EQ(before[0].second, before[1].second);
  EXPECT_FALSE(before[0].second == before[2].second);
  const auto writer = Writer();
  ASSERT_TRUE(writer->Put({"a", "t", "y", ""}).ok());
  ASSERT_TRUE(writer->Put({"b", "t", "x", R"({"year":1})"}).ok());
  ASSERT_TRUE(writer->Delete("c").ok());
  ASSERT_TRUE(writer->Commit().ok());
  const auto after = contents();
  ASSERT_THAT(after, SizeIs(2));
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].first, before[i].first) << "the docid stays";
    EXPECT_FALSE(after[i].second == before[i].second);
  }
  const auto reader = Reader();
  for (const uint32_t gone : {before[2].first, 0U, UINT32_MAX}) {
    const std::vector<uint32_t> docids = {1, gone, 2};
    EXPECT_EQ(reader->Contents(docids).status().code(), StatusCode::kNotFound) << gone;
  }
  EXPECT_EQ(reader->Contents(std::vector<uint32_t>{2, 1, 2})->size(), 3U);
  EXPECT_TRUE(reader->Contents({})->empty());
  const Status stopped =
      Reader()->ForEachContent([](uint32_t, const Fingerprint&) { return Cancelled("enough"); });
  EXPECT_EQ(stopped.code(), StatusCode::kCancelled);
}

// Tables cut short: an answer or an error, never a crash. (Bits flipped inside a table are another
// matter: Xapian 1.4 keeps no checksums and trusts what its blocks say.)
TEST_F(IndexTest, TablesCutShortAreSurvived) {
  std::vector<Document> documents;
  for (int i = 0; i < 50; ++i) {
    documents.push_back({Format("d{}", i), "title", Format("cat number{} tail", i), R"({"a":1})"});
  }
  Index(documents);
  for (const std::string name : {"postlist.glass", "termlist.glass", "iamglass"}) {
    const std::filesystem::path path = Path() / name;
    const std::filesystem::path whole = root_ / "whole";
    std::filesystem::copy_file(path, whole, std::filesystem::copy_options::overwrite_existing);
    const uintmax_t size = std::filesystem::file_size(path);
    const uintmax_t step = std::max<uintmax_t>(1, size / 40);
    for (uintmax_t left = 0; left < size; left += step) {
      std::filesystem::remove(path);
      std::filesystem::copy_file(whole, path);
      std::filesystem::resize_file(path, left);
      const auto reader = IndexReader::Open(Path());
      if (reader.ok()) {
        (void)(*reader)->Search("cat number7 tail", 10, std::vector<Filter>{{"a", "1"}});
        (void)(*reader)->Get("d7");
        (void)(*reader)->GetByDocid(8);
      }
    }
    std::filesystem::remove(path);
    std::filesystem::copy_file(whole, path);
  }
  EXPECT_EQ(Reader()->documents(), 50U);
}

}  // namespace
}  // namespace podium::lexical
