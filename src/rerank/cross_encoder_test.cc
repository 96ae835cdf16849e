#include "rerank/cross_encoder.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/file.h"
#include "io/json.h"

namespace podium::rerank {
namespace {

std::string Golden(const std::string& name) {
  return std::string(PODIUM_TEST_DATA) + "/golden/" + name;
}

std::unique_ptr<CrossEncoder> LoadGolden(const std::string& name, size_t threads = 2,
                                         Precision precision = Precision::kAuto) {
  auto loaded = CrossEncoder::Load(Golden(name), {.threads = threads, .precision = precision});
  EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
  return loaded.ok() ? *std::move(loaded) : nullptr;
}

std::vector<std::string> SomePassages() {
  std::vector<std::string> passages = {
      "Paris is the capital and most populous city of France.",
      "",
      "short",
      "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square km.",
      "\xFF\xFE not UTF-8 \xC0",
      std::string("NUL \0 inside", 12)};
  std::string longer;
  for (int i = 0; i < 40; ++i) {
    longer += "capital city " + std::to_string(i) + " ";
    passages.push_back(longer);
  }
  return passages;
}

class EndToEndTest : public testing::TestWithParam<const char*> {};

// Text in, logit and sigmoid out, against the reference implementation (tests/golden/README.md).
TEST_P(EndToEndTest, ScoresEqualTheReference) {
  const io::Json file = *io::ReadJsonFile(Golden(GetParam()) + "/e2e.json");
  const double tolerance = 20 * file["noise_floor_logit"].get<double>();
  const auto encoder = LoadGolden(GetParam(), 2, Precision::kFp32);
  ASSERT_NE(encoder, nullptr);
  double worst = 0;
  size_t checked = 0;
  for (const io::Json& test : file["cases"]) {
    const std::string rule = test["truncation"];
    if (rule == "only_first") {
      continue;
    }
    RerankRequest request{.query = test["query"],
                          .candidates = {test["document"]},
                          .truncation = rule == "only_second" ? TruncationRule::kOnlyDocument
                                                              : TruncationRule::kLongestFirst,
                          .max_tokens = test["max_length"],
                          .scores = ScoreSpace::kSigmoid};
    const auto response = encoder->Rerank(request);
    ASSERT_TRUE(response.ok()) << response.status().ToString();
    const CandidateScore& score = response->scores[0];
    ASSERT_TRUE(score.error.ok()) << score.error.ToString();
    EXPECT_EQ(score.tokens, test["input_ids"].size());
    EXPECT_NEAR(score.raw, test["logit"].get<double>(), tolerance) << test["document"];
    EXPECT_NEAR(score.score, test["sigmoid"].get<double>(), tolerance);
    worst = std::max(worst, std::abs(score.raw - test["logit"].get<double>()));
    ++checked;
  }
  EXPECT_GT(checked, 0U);
  RecordProperty("worst_error", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(Families, EndToEndTest, testing::Values("bert", "roberta", "xlm_roberta"));

TEST(CrossEncoderTest, BatchAndThreadsDoNotChangeABit) {
  const std::vector<std::string> passages = SomePassages();
  const auto one = LoadGolden("bert", 1);
  const auto many = LoadGolden("bert", 5);
  const auto batch = many->Rerank({.query = "capital of france", .candidates = passages});
  ASSERT_TRUE(batch.ok());
  for (size_t i = 0; i < passages.size(); ++i) {
    const auto single = one->Rerank({.query = "capital of france", .candidates = {passages[i]}});
    ASSERT_TRUE(single.ok());
    EXPECT_EQ(single->scores[0].raw, batch->scores[i].raw) << i;
    EXPECT_EQ(single->scores[0].tokens, batch->scores[i].tokens) << i;
  }
}

TEST(CrossEncoderTest, TruncationIsReportedPerCandidate) {
  const auto encoder = LoadGolden("bert");
  const auto response = encoder->Rerank({.query = "capital", .candidates = SomePassages()});
  ASSERT_TRUE(response.ok());
  EXPECT_FALSE(response->scores[0].truncated());
  EXPECT_TRUE(response->scores.back().truncated());
  EXPECT_EQ(response->scores.back().tokens, 64U);
  EXPECT_EQ(response->scores.back().query_tokens_dropped, 0U);
}

// Every rule and window, short and long queries: what a pair scores, loses or fails with must not
// depend on whether its passage came as text or as ids.
TEST(CrossEncoderTest, StoredIdsScoreAsTheirTextDoes) {
  const auto encoder = LoadGolden("bert");
  const std::vector<std::string> texts = SomePassages();
  std::vector<std::vector<int32_t>> ids;
  for (const std::string& text : texts) {
    ids.push_back(encoder->tokenizer().Tokenize(text).ids);
  }
  std::vector<Passage> mixed;
  for (size_t i = 0; i < texts.size(); ++i) {
    mixed.push_back(i % 3 == 0 ? Passage(std::string_view(texts[i])) : Passage(ids[i]));
  }
  std::string long_query;
  for (int i = 0; i < 50; ++i) {
    long_query += "capital ";
  }
  size_t truncated = 0;
  size_t errors = 0;
  for (const std::string& query : {std::string("capital of france"), std::string(), long_query}) {
    for (const TruncationRule rule :
         {TruncationRule::kLongestFirst, TruncationRule::kOnlyDocument, TruncationRule::kNone}) {
      for (const size_t window : {0U, 4U, 17U, 40U}) {
        RerankRequest request{.query = query, .truncation = rule, .max_tokens = window};
        const auto stored = encoder->RerankPassages(request, mixed);
        request.candidates = texts;
        const auto fresh = encoder->Rerank(request);
        ASSERT_TRUE(stored.ok() && fresh.ok());
        ASSERT_EQ(stored->scores.size(), texts.size());
        for (size_t i = 0; i < texts.size(); ++i) {
          const CandidateScore& a = stored->scores[i];
          const CandidateScore& b = fresh->scores[i];
          EXPECT_EQ(a.raw, b.raw);
          EXPECT_EQ(a.score, b.score);
          EXPECT_EQ(a.tokens, b.tokens);
          EXPECT_EQ(a.query_tokens_dropped, b.query_tokens_dropped);
          EXPECT_EQ(a.document_tokens_dropped, b.document_tokens_dropped);
          EXPECT_EQ(a.error.ToString(), b.error.ToString());
          truncated += a.truncated() ? 1 : 0;
          errors += a.error.ok() ? 0 : 1;
        }
      }
    }
  }
  EXPECT_GT(truncated, 0U);
  EXPECT_GT(errors, 0U);
}

TEST(CrossEncoderTest, WithoutTruncationALongPairIsAnErrorOfThatCandidate) {
  const auto encoder = LoadGolden("bert");
  const auto response = encoder->Rerank(
      {.query = "capital", .candidates = SomePassages(), .truncation = TruncationRule::kNone});
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->scores.front().error.ok());
  const Status& error = response->scores.back().error;
  EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(error.message().find("tokens and the model takes 64"), std::string::npos)
      << error.message();
}

TEST(CrossEncoderTest, AQueryThatFillsTheWindowIsAnErrorUnderOnlyDocument) {
  const auto encoder = LoadGolden("bert");
  std::string query;
  for (int i = 0; i < 100; ++i) {
    query += "capital ";
  }
  const auto response = encoder->Rerank(
      {.query = query, .candidates = {"a passage"}, .truncation = TruncationRule::kOnlyDocument});
  ASSERT_TRUE(response.ok());
  EXPECT_FALSE(response->scores[0].error.ok());
}

TEST(CrossEncoderTest, AWindowOfSpecialTokensAloneIsRefused) {
  const auto encoder = LoadGolden("bert");
  const auto response = encoder->Rerank({.query = "q", .candidates = {"d"}, .max_tokens = 3});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.status().message(),
            "a pair of at most 3 tokens leaves no room beside its 3 special tokens");
}

TEST(CrossEncoderTest, NoCandidatesGiveNoScores) {
  const auto encoder = LoadGolden("bert");
  const auto response = encoder->Rerank({.query = "q", .candidates = {}});
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->scores.empty());
}

TEST(CrossEncoderTest, AnEmbeddingModelIsRefusedByName) {
  const auto loaded = CrossEncoder::Load(Golden("bi_bert_mean"), {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().code(), StatusCode::kUnsupported);
  EXPECT_NE(loaded.status().message().find("gives embeddings, not scores"), std::string::npos)
      << loaded.status().message();
}

// Weights so large that the arithmetic overflows: finite on disk, infinite or NaN in the logit.
TEST(CrossEncoderTest, AScoreThatIsNoNumberIsAnErrorOfItsCandidate) {
  const std::filesystem::path dir = testing::TempDir() + "/podium_nan_" + std::to_string(getpid());
  std::filesystem::create_directories(dir);
  for (const auto& entry : std::filesystem::directory_iterator(Golden("bert"))) {
    std::filesystem::copy(entry.path(), dir / entry.path().filename());
  }
  std::string bytes = *io::ReadFile(dir / "model.safetensors");
  uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  const io::Json header = *io::ParseJson(std::string_view(bytes).substr(8, header_size), "header");
  const size_t begin = header["classifier.weight"]["data_offsets"][0];
  const size_t end = header["classifier.weight"]["data_offsets"][1];
  float value = 3e38F;
  for (size_t at = 8 + header_size + begin; at < 8 + header_size + end; at += sizeof(float)) {
    std::memcpy(bytes.data() + at, &value, sizeof(value));
    value = -value;
  }
  ASSERT_TRUE(io::WriteFileAtomic(dir / "model.safetensors", bytes).ok());
  const auto encoder = CrossEncoder::Load(dir.string(), {});
  ASSERT_TRUE(encoder.ok()) << encoder.status().ToString();
  const auto response = (*encoder)->Rerank({.query = "capital", .candidates = SomePassages()});
  ASSERT_TRUE(response.ok());
  size_t errors = 0;
  for (const CandidateScore& score : response->scores) {
    EXPECT_TRUE(std::isfinite(score.raw));
    EXPECT_TRUE(std::isfinite(score.score));
    errors += score.error.ok() ? 0 : 1;
  }
  EXPECT_GT(errors, 0U);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace podium::rerank
