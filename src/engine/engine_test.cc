#include "podium/engine.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/index_directory.h"

namespace podium {
namespace {

class EngineTest : public testing::Test {
 protected:
  EngineTest() : dir_(testing::TempDir() + "/podium_engine_" + std::to_string(getpid())) {
    auto session = engine::IndexSession::Open(dir_);
    EXPECT_TRUE(session.ok()) << session.status().ToString();
    for (int i = 0; i < 40; ++i) {
      std::string text = "the city number " + std::to_string(i);
      for (int repeat = 0; repeat < i; ++repeat) {
        text += " capital";
      }
      EXPECT_TRUE((*session)
                      ->writer()
                      .Put({.id = "d" + std::to_string(i),
                            .title = i % 2 == 0 ? "Even" : "",
                            .text = text,
                            .fields = i % 4 == 0 ? R"({"kind":"four"})" : ""})
                      .ok());
    }
    EXPECT_TRUE((*session)->Commit().ok());
  }
  ~EngineTest() override { std::filesystem::remove_all(dir_); }

  static std::string Model() { return std::string(PODIUM_TEST_DATA) + "/golden/bert"; }

  std::unique_ptr<Engine> Open(const std::string& model, size_t threads = 2) const {
    auto opened = Engine::Open({.index = dir_, .reranker = model, .threads = threads});
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  const std::filesystem::path dir_;
};

std::vector<std::string> Ids(const SearchResponse& response) {
  std::vector<std::string> ids;
  for (const SearchResult& result : response.results) {
    ids.push_back(result.document.id);
  }
  return ids;
}

TEST_F(EngineTest, FirstStageAlone) {
  const auto engine = Open("");
  const auto response = engine->Search({.query = "capital", .top = 5});
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response->results.size(), 5U);
  EXPECT_FALSE(response->reranked);
  EXPECT_EQ(response->results[0].first_stage_rank, 1U);
  EXPECT_EQ(response->results[0].score, response->results[0].first_stage_score);
  EXPECT_FALSE(response->results[0].rerank.has_value());
  EXPECT_EQ(engine->documents(), 40U);
}

TEST_F(EngineTest, RerankingReordersTheCandidatesAndKeepsTheirFirstPlace) {
  const auto engine = Open(Model());
  const auto response = engine->Search({.query = "capital", .top = 20, .candidates = 20});
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->reranked);
  EXPECT_EQ(response->space, ScoreSpace::kSigmoid);
  ASSERT_EQ(response->results.size(), 20U);
  for (size_t i = 1; i < response->results.size(); ++i) {
    EXPECT_GE(response->results[i - 1].score, response->results[i].score);
  }
  const auto first = engine->Search({.query = "capital", .top = 20, .rerank = false});
  for (const SearchResult& result : response->results) {
    EXPECT_EQ(first->results[result.first_stage_rank - 1].document.id, result.document.id);
  }
}

TEST_F(EngineTest, AResultHasTheScoreOfItsPairAlone) {
  const auto engine = Open(Model());
  auto reranker = LoadReranker(Model(), {.threads = 1});
  ASSERT_TRUE(reranker.ok());
  const auto response = engine->Search({.query = "capital", .top = 40});
  ASSERT_TRUE(response.ok());
  for (const SearchResult& result : response->results) {
    const auto alone =
        (*reranker)->Rerank({.query = "capital", .candidates = {PassageText(result.document)}});
    ASSERT_TRUE(alone.ok());
    EXPECT_EQ(alone->scores[0].raw, result.rerank->raw) << result.document.id;
  }
}

TEST_F(EngineTest, TopAboveCandidatesRaisesThem) {
  const auto engine = Open(Model());
  const auto response = engine->Search({.query = "capital", .top = 30, .candidates = 3});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->results.size(), 30U);
  EXPECT_EQ(response->candidates, 30U);
}

TEST_F(EngineTest, BatchEqualsSingleSearches) {
  const auto engine = Open(Model());
  const std::vector<SearchRequest> requests = {{.query = "capital city"},
                                               {.query = ""},
                                               {.query = "capital", .top = 0},
                                               {.query = "seven 7"}};
  const auto batch = engine->SearchBatch(requests);
  ASSERT_EQ(batch.size(), requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto single = engine->Search(requests[i]);
    ASSERT_EQ(single.ok(), batch[i].ok());
    if (single.ok()) {
      EXPECT_EQ(Ids(*single), Ids(*batch[i]));
    } else {
      EXPECT_EQ(single.status().message(), "top must be at least 1");
    }
  }
}

TEST_F(EngineTest, FiltersHoldBeforeReranking) {
  const auto engine = Open(Model());
  const auto response = engine->Search(
      {.query = "capital", .top = 40, .filters = {{.field = "kind", .value = "four"}}});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->results.size(), 9U);  // d4, d8, … d36; d0 has no "capital"
}

TEST_F(EngineTest, WithoutDocumentsResultsCarryTheIdAlone) {
  const auto engine = Open("");
  const auto full = engine->Search({.query = "capital"});
  const auto bare = engine->Search({.query = "capital", .documents = false});
  ASSERT_TRUE(full.ok() && bare.ok());
  EXPECT_EQ(Ids(*full), Ids(*bare));
  EXPECT_EQ(bare->results[0].document.text, "");
}

TEST_F(EngineTest, MatchedRangesFollowTheAnalyzer) {
  const auto engine = Open("");
  const std::string text = "Capitals of the wörld; a CAPITAL idea";
  std::vector<std::string> words;
  for (const auto& [begin, end] : engine->MatchedRanges("the capital", text)) {
    words.push_back(text.substr(begin, end - begin));
  }
  EXPECT_EQ(words, (std::vector<std::string>{"Capitals", "CAPITAL"}));
}

TEST_F(EngineTest, ASearcherDoesNotNoticeAWriter) {
  const auto engine = Open("");
  const auto before = engine->Search({.query = "capital", .top = 100});
  auto session = engine::IndexSession::Open(dir_);
  ASSERT_TRUE(session.ok());
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE((*session)->writer().Delete("d" + std::to_string(20 + round)).ok());
    ASSERT_TRUE((*session)->Commit().ok());
    const auto during = engine->Search({.query = "capital", .top = 100});
    ASSERT_TRUE(during.ok()) << during.status().ToString();
    EXPECT_GE(during->results.size(), 39U - 5U);
  }
  const auto after = Open("")->Search({.query = "capital", .top = 100});
  EXPECT_EQ(after->results.size(), before->results.size() - 5);
}

TEST_F(EngineTest, OpenErrorsNameWhatIsMissing) {
  const auto no_index = Engine::Open({.index = dir_ / "nothing"});
  ASSERT_FALSE(no_index.ok());
  EXPECT_NE(no_index.status().message().find("nothing"), std::string::npos);
  const auto no_model = Engine::Open({.index = dir_, .reranker = "gone"});
  ASSERT_FALSE(no_model.ok());
  EXPECT_EQ(no_model.status().message(), "model gone: no such directory");
}

TEST(PassageTextTest, TitleThenText) {
  EXPECT_EQ(PassageText({.id = "1", .title = "T", .text = "x"}), "T x");
  EXPECT_EQ(PassageText({.id = "1", .title = "", .text = "x"}), "x");
}

}  // namespace
}  // namespace podium
