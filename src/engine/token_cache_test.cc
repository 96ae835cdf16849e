#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/log.h"
#include "engine/token_cache_format.h"
#include "engine/token_cache_reader.h"
#include "engine/token_cache_writer.h"
#include "io/file.h"

namespace podium::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using Ids = std::vector<int32_t>;

Fingerprint Content(std::string_view text) {
  return FingerprintOf(text);
}

class TokenCacheTest : public ::testing::Test {
 protected:
  TokenCacheTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~TokenCacheTest() override {
    SetLogLevel(LogLevel::kInfo);
    std::filesystem::remove_all(root_);
  }

  std::filesystem::path Cache() const { return root_ / TokenCacheName(spec_.tokenizer); }
  std::filesystem::path Table() const { return Cache() / "table"; }
  std::filesystem::path IdsFile(int number = 1) const { return Cache() / Format("ids-{}", number); }

  std::unique_ptr<TokenCacheWriter> Writer() const {
    auto writer = TokenCacheWriter::Open(root_, spec_);
    EXPECT_TRUE(writer.ok()) << writer.status().ToString();
    return *std::move(writer);
  }
  std::unique_ptr<const TokenCacheReader> Reader() const {
    auto reader = TokenCacheReader::Open(Cache());
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    return *std::move(reader);
  }
  Status ReadError() const { return TokenCacheReader::Open(Cache()).status(); }

  // What the cache has for a document; {-1} stands for none.
  static Ids Find(const TokenCacheReader& reader, uint32_t docid, std::string_view text) {
    const auto found = reader.Find(docid, Content(text));
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    EXPECT_EQ(reader.Has(docid, Content(text)), found->has_value());
    return found->value_or(Ids{-1});
  }

  // Documents 1 to 4, one of them without a token and one missing.
  void MakeSome() const {
    const auto writer = Writer();
    ASSERT_TRUE(writer->Put(1, Content("one"), Ids{101, 7592, 30521}).ok());
    ASSERT_TRUE(writer->Put(2, Content("two"), Ids{}).ok());
    ASSERT_TRUE(writer->Put(4, Content("four"), Ids{0, 1}).ok());
    ASSERT_TRUE(writer->Commit().ok());
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Cache())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  TokenCacheWriter::Spec spec_ = {FingerprintOf("a tokenizer"), 30522, "some/model"};
  std::filesystem::path root_;
};

TEST_F(TokenCacheTest, GivesBackWhatWasPut) {
  for (const auto& [vocab_size, bytes] : std::vector<std::pair<size_t, uint32_t>>{
           {1, 2}, {65536, 2}, {65537, 3}, {1U << 24, 3}, {(1U << 24) + 1, 4}, {1U << 31, 4}}) {
    std::filesystem::remove_all(Cache());
    spec_.vocab_size = vocab_size;
    const auto top = static_cast<int32_t>(vocab_size - 1);
    {
      const auto writer = Writer();
      ASSERT_TRUE(writer->Put(3, Content("c"), Ids{0, top, top / 2, 0}).ok());
      ASSERT_TRUE(writer->Put(1, Content("a"), Ids{}).ok());
      EXPECT_EQ(writer->documents(), 2U);
      ASSERT_TRUE(writer->Commit().ok());
    }
    const auto reader = Reader();
    EXPECT_EQ(reader->header().id_bytes, bytes);
    EXPECT_EQ(reader->header().model, "some/model");
    EXPECT_THAT(Find(*reader, 1, "a"), ElementsAre());
    EXPECT_THAT(Find(*reader, 3, "c"), ElementsAre(0, top, top / 2, 0));
    EXPECT_EQ(reader->bytes(),
              std::filesystem::file_size(Table()) + std::filesystem::file_size(IdsFile()));
  }
}

TEST_F(TokenCacheTest, FindsNothingForOtherContentOrDocuments) {
  MakeSome();
  const auto reader = Reader();
  EXPECT_THAT(Find(*reader, 1, "one"), ElementsAre(101, 7592, 30521));
  EXPECT_THAT(Find(*reader, 1, "one, but changed"), ElementsAre(-1));
  EXPECT_THAT(Find(*reader, 2, "one"), ElementsAre(-1));
  for (const uint32_t docid : {0U, 3U, 5U, UINT32_MAX}) {
    EXPECT_THAT(Find(*reader, docid, ""), ElementsAre(-1));
    EXPECT_FALSE(reader->Has(docid, Fingerprint{}));
  }
}

TEST_F(TokenCacheTest, ReplacesAndRemoves) {
  MakeSome();
  const auto before = Reader();
  {
    const auto writer = Writer();
    EXPECT_TRUE(writer->Holds(1, Content("one")));
    EXPECT_FALSE(writer->Holds(1, Content("new")));
    EXPECT_FALSE(writer->Holds(3, Content("three")));
    ASSERT_TRUE(writer->Put(1, Content("new"), Ids{5}).ok());
    EXPECT_TRUE(writer->Holds(1, Content("new")));
    writer->Remove(2, 3);
    writer->Remove(4, UINT32_MAX);
    EXPECT_EQ(writer->documents(), 1U);
    ASSERT_TRUE(writer->Commit().ok());
  }
  const auto reader = Reader();
  EXPECT_THAT(Find(*reader, 1, "new"), ElementsAre(5));
  EXPECT_THAT(Find(*reader, 1, "one"), ElementsAre(-1));
  EXPECT_THAT(Find(*reader, 2, "two"), ElementsAre(-1));
  EXPECT_THAT(Find(*reader, 4, "four"), ElementsAre(-1));
  EXPECT_EQ(reader->header().entries, 3U);
  EXPECT_THAT(Find(*before, 1, "one"), ElementsAre(101, 7592, 30521)) << "a reader keeps its own";
  EXPECT_THAT(Find(*before, 4, "four"), ElementsAre(0, 1));
}

TEST_F(TokenCacheTest, WhatIsNotCommittedIsDropped) {
  MakeSome();
  const auto size = std::filesystem::file_size(IdsFile());
  {
    const auto writer = Writer();
    const Ids many(1U << 20, 7);  // more than is buffered
    ASSERT_TRUE(writer->Put(1, Content("lost"), many).ok());
    EXPECT_GT(std::filesystem::file_size(IdsFile()), size);
    EXPECT_GT(writer->uncommitted_bytes(), 2 * many.size());
  }
  EXPECT_THAT(Find(*Reader(), 1, "one"), ElementsAre(101, 7592, 30521));
  const auto writer = Writer();
  EXPECT_EQ(std::filesystem::file_size(IdsFile()), size) << "cut off";
  EXPECT_EQ(writer->documents(), 3U);
}

TEST_F(TokenCacheTest, ACommitWithoutChangesWritesNothing) {
  MakeSome();
  const auto writer = Writer();
  const std::filesystem::path link = root_ / "same";
  std::filesystem::create_hard_link(Table(), link);
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_TRUE(std::filesystem::equivalent(Table(), link));
}

TEST_F(TokenCacheTest, DeadRecordsDoNotPileUp) {
  MakeSome();
  const auto before = Reader();
  const auto writer = Writer();
  uintmax_t largest = 0;
  for (int round = 0; round < 15; ++round) {
    for (uint32_t docid = 1; docid <= 20; ++docid) {
      const Ids ids(50, round);
      ASSERT_TRUE(writer->Put(docid, Content(Format("{}", round)), ids).ok());
    }
    ASSERT_TRUE(writer->Commit().ok());
    for (const std::string& name : Files()) {
      largest = std::max(largest, std::filesystem::file_size(Cache() / name));
    }
    ASSERT_EQ(Files().size(), 2U);
    const auto reader = Reader();
    for (uint32_t docid = 1; docid <= 20; ++docid) {
      ASSERT_EQ(Find(*reader, docid, Format("{}", round)), Ids(50, round));
      ASSERT_TRUE(writer->Holds(docid, Content(Format("{}", round))));
    }
  }
  EXPECT_LT(largest, 20U * (8 + 100) * 4);
  EXPECT_FALSE(std::filesystem::exists(IdsFile()));
  EXPECT_THAT(Find(*before, 1, "one"), ElementsAre(101, 7592, 30521)) << "its file is unlinked";
}

// What kills at various moments leave behind.
TEST_F(TokenCacheTest, LeftoversAreCleanedUp) {
  std::filesystem::create_directory(Cache());
  EXPECT_EQ(ReadError().code(), StatusCode::kNotFound) << "killed before the first commit";
  ASSERT_TRUE(io::WriteFileAtomic(IdsFile(), "POD").ok());
  EXPECT_EQ(ReadError().code(), StatusCode::kNotFound);
  const auto writer = Writer();
  ASSERT_TRUE(writer->Put(1, Content("one"), Ids{1}).ok());
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_THAT(Files(), UnorderedElementsAre("table", "ids-2"));
  ASSERT_TRUE(io::WriteFileAtomic(Cache() / "table.Ab12cd", "half").ok());
  ASSERT_TRUE(io::WriteFileAtomic(IdsFile(3), "half a compaction").ok());
  EXPECT_THAT(Find(*Reader(), 1, "one"), ElementsAre(1));
  Writer();
  EXPECT_THAT(Files(), UnorderedElementsAre("table", "ids-2"));
}

TEST_F(TokenCacheTest, NewerVersionsAreRefused) {
  MakeSome();
  std::string table = *io::ReadFile(Table());
  table[8] = 2;
  ASSERT_TRUE(io::WriteFileAtomic(Table(), table).ok());
  for (const Status& status : {ReadError(), TokenCacheWriter::Open(root_, spec_).status()}) {
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_THAT(status.message(),
                HasSubstr("table: token cache version 2, this program reads up to version 1"));
  }
}

TEST_F(TokenCacheTest, ACacheUnderAnotherNameIsRefused) {
  MakeSome();
  const std::filesystem::path other = root_ / TokenCacheName(FingerprintOf("another tokenizer"));
  std::filesystem::rename(Cache(), other);
  const Status status = TokenCacheReader::Open(other).status();
  EXPECT_EQ(status.code(), StatusCode::kDataCorruption);
  EXPECT_THAT(status.message(), HasSubstr("the tokens are of another tokenizer, tokens-"));
}

TEST_F(TokenCacheTest, IdsOfAnotherTokenizerAreNotTaken) {
  MakeSome();
  const std::filesystem::path ours = IdsFile();
  spec_.tokenizer = FingerprintOf("another tokenizer");
  MakeSome();
  std::filesystem::copy_file(ours, IdsFile(), std::filesystem::copy_options::overwrite_existing);
  const auto found = Reader()->Find(1, Content("one"));
  EXPECT_EQ(found.status().code(), StatusCode::kDataCorruption);
  EXPECT_THAT(found.status().message(),
              HasSubstr("the tokens of document 1 at byte 8 do not have the checksum"));
}

TEST_F(TokenCacheTest, LongModelNamesAreCut) {
  spec_.model = std::string(10000, 'm');
  MakeSome();
  const auto reader = Reader();
  EXPECT_EQ(reader->header().model, std::string(4096, 'm'));
  EXPECT_THAT(Find(*reader, 4, "four"), ElementsAre(0, 1));
}

// A reader of damaged files finds what was put, or nothing, or says that it is damaged.
class DamageTest : public TokenCacheTest {
 protected:
  DamageTest() {
    MakeSome();
    table_ = *io::ReadFile(Table());
    ids_ = *io::ReadFile(IdsFile());
    SetLogLevel(LogLevel::kOff);  // writers warn that they start anew
  }

  void Write(std::string_view table, std::string_view ids) const {
    std::filesystem::remove_all(Cache());
    std::filesystem::create_directory(Cache());
    std::ofstream(Table(), std::ios::binary) << table;
    std::ofstream(IdsFile(), std::ios::binary) << ids;
  }

  // Documents whose ids are found, each of them as put.
  size_t CountRight() const {
    const auto reader = TokenCacheReader::Open(Cache());
    if (!reader.ok()) {
      EXPECT_NE(reader.status().code(), StatusCode::kNotFound) << reader.status().ToString();
      return 0;
    }
    size_t right = 0;
    for (const auto& [docid, put] : documents_) {
      const auto found = (*reader)->Find(docid, Content(put.first));
      if (!found.ok()) {
        EXPECT_EQ(found.status().code(), StatusCode::kDataCorruption);
      } else if (found->has_value()) {
        EXPECT_EQ(**found, put.second);
        ++right;
      }
    }
    return right;
  }

  // What an update does: removes what is no document, puts what the writer does not hold. All is
  // well afterwards. Not for every byte and bit: commits wait for the disk.
  void Mend() const {
    const auto writer = TokenCacheWriter::Open(root_, spec_);
    ASSERT_TRUE(writer.ok()) << writer.status().ToString();
    (*writer)->Remove(3, 4);
    (*writer)->Remove(5, UINT32_MAX);
    for (const auto& [docid, put] : documents_) {
      if (!(*writer)->Holds(docid, Content(put.first))) {
        ASSERT_TRUE((*writer)->Put(docid, Content(put.first), put.second).ok());
      }
    }
    ASSERT_TRUE((*writer)->Commit().ok());
    EXPECT_EQ((*writer)->documents(), documents_.size());
    EXPECT_EQ(CountRight(), documents_.size());
  }

  const std::map<uint32_t, std::pair<std::string, Ids>> documents_ = {
      {1, {"one", {101, 7592, 30521}}}, {2, {"two", {}}}, {4, {"four", {0, 1}}}};
  std::string table_;
  std::string ids_;
};

TEST_F(DamageTest, FilesCutAtEveryByte) {
  constexpr size_t kMendBytes = 17;
  for (size_t size = 0; size < table_.size(); ++size) {
    Write(table_.substr(0, size), ids_);
    EXPECT_EQ(ReadError().code(), StatusCode::kDataCorruption) << size;
    EXPECT_THAT(ReadError().message(), HasSubstr(Table().string()));
    EXPECT_EQ(CountRight(), 0U);
    if (size % kMendBytes == 0) {
      Mend();
    }
    ASSERT_FALSE(HasFailure()) << "table cut at " << size;
  }
  for (size_t size = 0; size < ids_.size(); ++size) {
    Write(table_, ids_.substr(0, size));
    EXPECT_EQ(ReadError().code(), StatusCode::kDataCorruption) << size;
    EXPECT_THAT(ReadError().message(), HasSubstr(IdsFile().string()));
    if (size % kMendBytes == 0) {
      Mend();
    }
    ASSERT_FALSE(HasFailure()) << "ids cut at " << size;
  }
}

TEST_F(DamageTest, AMissingIdsFileIsDamage) {
  std::filesystem::remove(IdsFile());
  EXPECT_EQ(ReadError().code(), StatusCode::kDataCorruption);
  EXPECT_THAT(ReadError().message(), HasSubstr("cannot open " + IdsFile().string()));
  Mend();
}

TEST_F(DamageTest, BitsTurned) {
  constexpr size_t kVersionOffset = 8;
  constexpr size_t kMendBits = 151;
  for (const bool in_table : {true, false}) {
    const size_t size = in_table ? table_.size() : ids_.size();
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      std::string table = table_;
      std::string ids = ids_;
      char& byte = in_table ? table[bit / 8] : ids[bit / 8];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
      Write(table, ids);
      EXPECT_LT(CountRight(), documents_.size() + (in_table ? 1 : 0));
      const bool version = in_table && bit / 8 >= kVersionOffset && bit / 8 < kVersionOffset + 4;
      if (bit % kMendBits == 0 && !version) {
        Mend();
      }
      ASSERT_FALSE(HasFailure()) << (in_table ? "table" : "ids") << " bit " << bit;
    }
  }
}

// A file size limit stands in for a full disk: write(2) fails in the same place.
TEST_F(TokenCacheTest, AFullDiskKeepsWhatWasCommitted) {
  MakeSome();
  const auto writer = Writer();
  const Ids many(1000, 7);
  ASSERT_TRUE(writer->Put(1, Content("new"), many).ok());
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Status status = writer->Commit();
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.ToString();
  EXPECT_EQ(writer->Put(2, Content("more"), many).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(writer->Commit().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(Find(*Reader(), 1, "one"), ElementsAre(101, 7592, 30521));
  EXPECT_THAT(Files(), UnorderedElementsAre("table", "ids-1"));
  EXPECT_TRUE(Writer()->Holds(4, Content("four")));
}

}  // namespace
}  // namespace podium::engine
