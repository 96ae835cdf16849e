// Searching an index with stored tokens gives what searching one without them gives.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "podium/engine.h"

#include "base/log.h"
#include "engine/index_directory.h"
#include "engine/token_cache_format.h"
#include "engine/token_cache_update.h"
#include "io/file.h"
#include "text/tokenizer.h"

namespace podium {
namespace {

constexpr int kDocuments = 60;

class StoredTokensTest : public testing::Test {
 protected:
  StoredTokensTest() : dir_(testing::TempDir() + "/podium_stored_" + std::to_string(getpid())) {
    auto tokenizer = text::Tokenizer::Load(Model());
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
    tokenizer_ = *std::move(tokenizer);
    Put(0, kDocuments, "");
  }
  ~StoredTokensTest() override {
    SetLogLevel(LogLevel::kInfo);
    std::filesystem::remove_all(dir_);
  }

  static std::string Model() { return std::string(PODIUM_TEST_DATA) + "/golden/bert"; }

  std::filesystem::path Cache() const {
    return dir_ / engine::TokenCacheName(tokenizer_->fingerprint());
  }

  // Documents up to far longer than the model's window.
  void Put(int first, int last, const std::string& version) const {
    auto session = engine::IndexSession::Open(dir_);
    ASSERT_TRUE(session.ok()) << session.status().ToString();
    for (int i = first; i < last; ++i) {
      std::string text = "the city number " + std::to_string(i) + version;
      for (int repeat = 0; repeat < i; ++repeat) {
        text += " capital";
      }
      const Document document = {.id = "d" + std::to_string(i),
                                 .title = i % 2 == 0 ? "Even" : "",
                                 .text = text,
                                 .fields = ""};
      ASSERT_TRUE((*session)->writer().Put(document).ok());
    }
    ASSERT_TRUE((*session)->Commit().ok());
  }

  void StoreTokens() const {
    const auto session = engine::IndexSession::Open(dir_);
    ASSERT_TRUE(session.ok());
    const auto update = engine::UpdateTokenCache(**session, *tokenizer_);
    ASSERT_TRUE(update.ok()) << update.status().ToString();
  }

  std::unique_ptr<Engine> Open() const {
    auto opened = Engine::Open({.index = dir_, .reranker = Model(), .threads = 2});
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  static std::vector<SearchRequest> Requests() {
    std::string long_query = "capital city";
    for (int i = 0; i < 40; ++i) {
      long_query += " number";
    }
    std::vector<SearchRequest> requests;
    for (const std::string& query : {std::string("capital"), long_query}) {
      for (const TruncationRule rule :
           {TruncationRule::kLongestFirst, TruncationRule::kOnlyDocument, TruncationRule::kNone}) {
        for (const bool documents : {true, false}) {
          requests.push_back({.query = query,
                              .top = kDocuments,
                              .documents = documents,
                              .truncation = rule,
                              .max_tokens = documents ? 0U : 30U});
        }
      }
    }
    return requests;
  }

  // Every answer equals the one that another engine gave, bit for bit.
  static void ExpectEqual(const std::vector<Result<SearchResponse>>& a,
                          const std::vector<Result<SearchResponse>>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t request = 0; request < a.size(); ++request) {
      ASSERT_TRUE(a[request].ok() && b[request].ok());
      ASSERT_EQ(a[request]->results.size(), b[request]->results.size());
      for (size_t i = 0; i < a[request]->results.size(); ++i) {
        const SearchResult& x = a[request]->results[i];
        const SearchResult& y = b[request]->results[i];
        EXPECT_EQ(x.document.id, y.document.id) << request << " " << i;
        EXPECT_EQ(x.score, y.score);
        EXPECT_EQ(x.first_stage_rank, y.first_stage_rank);
        EXPECT_EQ(x.rerank->raw, y.rerank->raw);
        EXPECT_EQ(x.rerank->tokens, y.rerank->tokens);
        EXPECT_EQ(x.rerank->query_tokens_dropped, y.rerank->query_tokens_dropped);
        EXPECT_EQ(x.rerank->document_tokens_dropped, y.rerank->document_tokens_dropped);
        EXPECT_EQ(x.rerank->error.ToString(), y.rerank->error.ToString());
      }
    }
  }

  const std::filesystem::path dir_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
};

TEST_F(StoredTokensTest, ScoresAreTheSameBits) {
  const auto requests = Requests();
  const auto without = Open()->SearchBatch(requests);
  StoreTokens();
  const auto with = Open()->SearchBatch(requests);
  ExpectEqual(with, without);
  size_t truncated = 0;
  size_t errors = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(without[i]->tokens_from_index, 0U);
    EXPECT_EQ(with[i]->tokens_from_index, with[i]->candidates);
    EXPECT_EQ(with[i]->results[0].document.text.empty(), !requests[i].documents);
    for (const SearchResult& result : with[i]->results) {
      truncated += result.rerank->truncated() ? 1 : 0;
      errors += result.rerank->error.ok() ? 0 : 1;
    }
  }
  EXPECT_GT(truncated, 0U);
  EXPECT_GT(errors, 0U);
}

TEST_F(StoredTokensTest, WhatIsMissingIsTokenised) {
  StoreTokens();
  Put(10, 20, " changed");
  Put(kDocuments, kDocuments + 5, "");
  const auto requests = Requests();
  const auto with = Open()->SearchBatch(requests);
  std::filesystem::remove_all(Cache());
  ExpectEqual(with, Open()->SearchBatch(requests));
  for (const Result<SearchResponse>& response : with) {
    EXPECT_GT(response->tokens_from_index, 0U);
    EXPECT_LT(response->tokens_from_index, response->candidates);
  }
}

// An open engine stays right while documents change beneath it, whichever generation it sees.
TEST_F(StoredTokensTest, AnUpdateBesideAnOpenEngineNeverGetsStaleTokens) {
  StoreTokens();
  const auto engine = Open();
  for (int round = 0; round < 5; ++round) {
    Put(0, kDocuments, " round " + std::to_string(round));
    const auto response = engine->Search({.query = "capital", .top = kDocuments});
    ASSERT_TRUE(response.ok()) << response.status().ToString();
    for (const SearchResult& result : response->results) {
      const size_t tokens = tokenizer_->Tokenize(PassageText(result.document)).ids.size();
      EXPECT_EQ(result.rerank->tokens + result.rerank->document_tokens_dropped +
                    result.rerank->query_tokens_dropped,
                tokens + 1 + tokenizer_->SpecialTokens(true));
    }
  }
}

TEST_F(StoredTokensTest, ACacheOfAnotherTokenizerIsNotUsed) {
  auto other = text::Tokenizer::Load(std::string(PODIUM_TEST_DATA) + "/golden/roberta");
  ASSERT_TRUE(other.ok()) << other.status().ToString();
  tokenizer_ = *std::move(other);
  StoreTokens();
  const auto response = Open()->Search({.query = "capital"});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->tokens_from_index, 0U);
  EXPECT_TRUE(response->reranked);
}

TEST_F(StoredTokensTest, DamageIsToldAndWorkedAround) {
  const auto requests = Requests();
  const auto without = Open()->SearchBatch(requests);
  StoreTokens();
  const std::string ids = *io::ReadFile(Cache() / "ids-1");
  std::string changed = ids;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  for (const std::string& bytes : {changed, ids.substr(0, ids.size() / 2), std::string("x")}) {
    std::ofstream(Cache() / "ids-1", std::ios::binary) << bytes;
    testing::internal::CaptureStderr();
    const auto with = Open()->SearchBatch(requests);
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find("warning: "), std::string::npos);
    EXPECT_NE(told.find(Cache().string()), std::string::npos) << told;
    EXPECT_EQ(told.find("warning: "), told.rfind("warning: ")) << "told once";
    ExpectEqual(with, without);
    EXPECT_LT(with[0]->tokens_from_index, with[0]->candidates);
  }
}

}  // namespace
}  // namespace podium
