// Every recorded result of the Hugging Face library is equal: see
// tests/golden/tokenizers/README.md.
#include <string>

#include <gtest/gtest.h>

#include "io/compressed.h"
#include "text/tokenizer.h"
#include "text/tokenizer_check.h"

namespace podium::text {
namespace {

const std::string kGolden = std::string(PODIUM_TEST_DATA) + "/golden/";

std::string MustRead(const std::string& path) {
  Result<std::string> bytes = io::ReadMaybeCompressed(path);
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  return bytes.ok() ? *std::move(bytes) : std::string();
}

// Expects at least `least` comparisons and no difference.
void ExpectAllEqual(std::string_view tokenizer_json, std::string_view cases, size_t least) {
  const auto tokenizer = Tokenizer::FromJson(tokenizer_json, "tokenizer.json");
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
  const Result<CheckReport> report = CheckTokenizer(**tokenizer, cases, "cases.json");
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  size_t total = 0;
  for (const CheckCount& count : report->counts) {
    EXPECT_EQ(count.agreed, count.total) << count.kind;
    total += count.total;
  }
  for (const std::string& difference : report->differences) {
    ADD_FAILURE() << difference;
  }
  EXPECT_GE(total, least);
}

class GoldenTokenizer : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTokenizer, AgreesInEveryCase) {
  const std::string folder = kGolden + "tokenizers/" + GetParam();
  ExpectAllEqual(MustRead(folder + "/tokenizer.json.zst"), MustRead(folder + "/cases.json.zst"),
                 900);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTokenizer,
                         testing::Values("bert_uncased", "bert_zh", "mbert_uncased", "deberta_v3",
                                         "gpt2", "modernbert", "qwen3", "roberta", "t5",
                                         "xlmr_spmconv", "xlmr_wssplit"),
                         [](const auto& name) { return name.param; });

TEST(GoldenTokenizerLayout, AgreesForTheCasedLayout) {
  std::string json = MustRead(kGolden + "tokenizers/bert_uncased/tokenizer.json.zst");
  const size_t at = json.find("true", json.find("\"lowercase\""));
  ASSERT_NE(at, std::string::npos);
  json.replace(at, 4, "false");
  ExpectAllEqual(json, MustRead(kGolden + "tokenizers/bert_cased_layout/cases.json.zst"), 900);
}

class GoldenPairs : public testing::TestWithParam<std::string> {};

TEST_P(GoldenPairs, AgreeFromTextToIds) {
  const std::string folder = kGolden + GetParam();
  const std::string suffix = GetParam().find('/') == std::string::npos ? "" : ".zst";
  ExpectAllEqual(MustRead(folder + "/tokenizer.json" + suffix),
                 MustRead(folder + "/e2e.json" + suffix), 150);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenPairs,
                         testing::Values("bert", "roberta", "xlm_roberta",
                                         "tokenizers/deberta_v2_small"),
                         [](const auto& name) {
                           return name.param.substr(name.param.find('/') + 1);
                         });

}  // namespace
}  // namespace podium::text
