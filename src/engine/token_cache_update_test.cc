#include "engine/token_cache_update.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/engine.h"

#include "base/format.h"
#include "base/log.h"
#include "engine/token_cache_reader.h"
#include "io/file.h"

namespace podium::engine {
namespace {

class TokenCacheUpdateTest : public ::testing::Test {
 protected:
  TokenCacheUpdateTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
    auto tokenizer = text::Tokenizer::Load(std::string(PODIUM_TEST_DATA) + "/golden/bert");
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
    tokenizer_ = *std::move(tokenizer);
  }
  ~TokenCacheUpdateTest() override {
    SetLogLevel(LogLevel::kInfo);
    std::filesystem::remove_all(root_);
  }

  std::filesystem::path Index() const { return root_ / "index"; }
  std::filesystem::path Cache() const {
    return Index() / TokenCacheName(tokenizer_->fingerprint());
  }

  static Document Passage(int i, int version = 1) {
    Document document;
    document.id = Format("d{}", i);
    document.title = i % 3 == 0 ? Format("Title {}", i) : "";
    document.text =
        i % 7 == 0 ? "" : Format("the capital city number {} of version {}", i, version);
    document.fields = i % 5 == 0 ? R"({"kind":"five"})" : "";
    return document;
  }

  void Put(int first, int last, int version = 1) const {
    const auto session = IndexSession::Open(Index());
    ASSERT_TRUE(session.ok()) << session.status().ToString();
    for (int i = first; i < last; ++i) {
      ASSERT_TRUE((*session)->writer().Put(Passage(i, version)).ok());
    }
    ASSERT_TRUE((*session)->Commit().ok());
  }

  TokenUpdate Update(const TokenUpdateOptions& options = {}) const {
    const auto session = IndexSession::Open(Index());
    const auto update = UpdateTokenCache(**session, *tokenizer_, options);
    EXPECT_TRUE(update.ok()) << update.status().ToString();
    return *update;
  }

  // Every document of the index that the cache knows has the ids that its text gives now. Returns
  // how many those are.
  uint64_t CountRight() const {
    const auto index = OpenIndex(Index()).value();
    const auto cache = TokenCacheReader::Open(Cache());
    uint64_t right = 0;
    const Status visited = index->ForEach([&](uint32_t docid, const Document& document) {
      if (!cache.ok()) {
        return Status::Ok();
      }
      const auto ids = (*cache)->Find(docid, index->GetByDocid(docid)->content);
      if (ids.ok() && ids->has_value()) {
        EXPECT_EQ(**ids, tokenizer_->Tokenize(PassageText(document)).ids) << document.id;
        ++right;
      }
      return Status::Ok();
    });
    EXPECT_TRUE(visited.ok());
    return right;
  }

  std::filesystem::path root_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
};

TEST_F(TokenCacheUpdateTest, StoresWhatTheTokenizerGives) {
  Put(0, 3000);
  for (const size_t threads : {1U, 3U}) {
    std::filesystem::remove_all(Cache());
    const TokenUpdate update = Update({.model = "golden/bert", .threads = threads});
    EXPECT_EQ(update.made, 3000U);
    EXPECT_EQ(update.documents, 3000U);
    EXPECT_EQ(CountRight(), 3000U);
  }
  EXPECT_EQ(TokenCacheReader::Open(Cache()).value()->header().model, "golden/bert");
}

TEST_F(TokenCacheUpdateTest, MakesOnlyWhatIsMissing) {
  Put(0, 100);
  Update();
  EXPECT_EQ(Update().made, 0U);
  Put(90, 120);  // of them 90 to 99 unchanged
  EXPECT_EQ(CountRight(), 100U);
  EXPECT_EQ(Update().made, 20U);
  EXPECT_EQ(CountRight(), 120U);
}

TEST_F(TokenCacheUpdateTest, NeverServesTheTokensOfAnOlderVersion) {
  Put(0, 50);
  Update();
  Put(10, 20, /*version=*/2);
  EXPECT_EQ(CountRight(), 41U) << "40 were left alone; d14 has no text, so it did not change";
  EXPECT_EQ(Update().made, 9U);
  EXPECT_EQ(CountRight(), 50U);
}

TEST_F(TokenCacheUpdateTest, ForgetsDeletedDocuments) {
  Put(0, 20);
  Update();
  {
    const auto session = IndexSession::Open(Index()).value();
    for (const std::string id : {"d0", "d7", "d19"}) {
      ASSERT_TRUE(session->writer().Delete(id).value());
    }
    ASSERT_TRUE(session->Commit().ok());
  }
  EXPECT_EQ(CountRight(), 17U);
  const TokenUpdate update = Update();
  EXPECT_EQ(update.made, 0U);
  EXPECT_EQ(update.documents, 17U);
  const auto cache = TokenCacheReader::Open(Cache()).value();
  EXPECT_EQ(cache->header().entries, 19U);
  // The same document again has another docid.
  Put(7, 8);
  EXPECT_EQ(CountRight(), 17U);
  EXPECT_EQ(Update().made, 1U);
  EXPECT_EQ(CountRight(), 18U);
}

TEST_F(TokenCacheUpdateTest, OfAnEmptyIndexHoldsNothing) {
  Put(0, 0);
  EXPECT_EQ(Update().documents, 0U);
  EXPECT_EQ(TokenCacheReader::Open(Cache()).value()->header().entries, 0U);
}

TEST_F(TokenCacheUpdateTest, GoesOnWhereItWasStopped) {
  Put(0, 5000);
  std::vector<std::pair<uint64_t, uint64_t>> calls;
  TokenUpdateOptions options;
  options.on_progress = [&calls](uint64_t done, uint64_t missing) {
    calls.emplace_back(done, missing);
    return calls.size() == 2 ? Cancelled("enough") : Status::Ok();
  };
  {
    const auto session = IndexSession::Open(Index());
    EXPECT_EQ(UpdateTokenCache(**session, *tokenizer_, options).status().message(), "enough");
  }
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1].second, 5000U);
  EXPECT_EQ(CountRight(), calls[1].first);
  EXPECT_EQ(Update().made, 5000 - calls[1].first);
  EXPECT_EQ(CountRight(), 5000U);
}

TEST_F(TokenCacheUpdateTest, CommitsOnTheWay) {
  Put(0, 3000);
  for (const bool by_documents : {false, true}) {
    std::filesystem::remove_all(Cache());
    TokenUpdateOptions options;
    options.commit_documents = by_documents ? 700 : 0;
    options.commit_bytes = by_documents ? 0 : 1;
    std::vector<uint64_t> committed;
    options.on_progress = [&](uint64_t, uint64_t) {
      const auto cache = TokenCacheReader::Open(Cache());
      committed.push_back(cache.ok() ? (*cache)->header().entries : 0);
      return Status::Ok();
    };
    EXPECT_EQ(Update(options).made, 3000U);
    const std::vector<uint64_t> expected = by_documents
                                               ? std::vector<uint64_t>{0, 700, 1400, 2100, 2800}
                                               : std::vector<uint64_t>{0, 1024, 2048};
    EXPECT_EQ(committed, expected);
    EXPECT_EQ(CountRight(), 3000U);
  }
}

TEST_F(TokenCacheUpdateTest, MendsDamage) {
  Put(0, 30);
  Update();
  const std::filesystem::path ids = Cache() / "ids-1";
  std::string bytes = *io::ReadFile(ids);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::ofstream(ids, std::ios::binary) << bytes;
  EXPECT_EQ(CountRight(), 29U);
  EXPECT_EQ(Update().made, 1U);
  EXPECT_EQ(CountRight(), 30U);
  std::ofstream(Cache() / "table", std::ios::binary) << "nothing";
  SetLogLevel(LogLevel::kOff);
  EXPECT_EQ(Update().made, 30U);
  EXPECT_EQ(CountRight(), 30U);
}

TEST_F(TokenCacheUpdateTest, InfoCountsWhatIsThereAndWhatIsNot) {
  Put(0, 20);
  EXPECT_TRUE(ReadIndexInfo(Index())->tokens.empty());
  Update({.model = "golden/bert"});
  Put(10, 25, /*version=*/2);
  std::filesystem::create_directory(Index() / "tokens-being-made");
  const auto info = ReadIndexInfo(Index());
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  ASSERT_EQ(info->tokens.size(), 1U);
  const TokenCacheInfo& cache = info->tokens[0];
  EXPECT_EQ(cache.name, Cache().filename());
  EXPECT_EQ(cache.model, "golden/bert");
  EXPECT_EQ(cache.documents, CountRight());
  EXPECT_EQ(cache.documents + cache.missing, 25U);
  EXPECT_EQ(cache.bytes, std::filesystem::file_size(Cache() / "table") +
                             std::filesystem::file_size(Cache() / "ids-1"));
  EXPECT_TRUE(cache.error.ok());
  std::ofstream(Cache() / "table", std::ios::binary) << "nothing";
  EXPECT_EQ(ReadIndexInfo(Index())->tokens[0].error.code(), StatusCode::kDataCorruption);
}

TEST_F(TokenCacheUpdateTest, ANewerCacheIsLeftAlone) {
  Put(0, 5);
  Update();
  std::string table = *io::ReadFile(Cache() / "table");
  table[8] = 9;
  std::ofstream(Cache() / "table", std::ios::binary) << table;
  const auto session = IndexSession::Open(Index());
  EXPECT_EQ(UpdateTokenCache(**session, *tokenizer_).status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(*io::ReadFile(Cache() / "table"), table);
}

}  // namespace
}  // namespace podium::engine
