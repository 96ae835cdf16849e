// Words of ten megabytes and other texts that would expose work beyond the linear.
#include <string>

#include <gtest/gtest.h>

#include "io/compressed.h"
#include "text/tokenizer.h"

namespace podium::text {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kBytes = 200'000;
#else
constexpr size_t kBytes = 10'000'000;
#endif

class LongWords : public testing::TestWithParam<std::string> {};

std::string Repeat(std::string_view unit) {
  std::string text;
  while (text.size() < kBytes) {
    text += unit;
  }
  return text;
}

TEST_P(LongWords, TakeTimeInProportion) {
  const auto json = io::ReadMaybeCompressed(std::string(PODIUM_TEST_DATA) + "/golden/tokenizers/" +
                                            GetParam() + "/tokenizer.json.zst");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const auto tokenizer = Tokenizer::FromJson(*json, GetParam());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
  std::string letters;
  uint32_t random = 9;
  for (size_t i = 0; i < kBytes; ++i) {
    random = random * 1664525U + 1013904223U;
    letters += static_cast<char>('a' + (random >> 16) % 26);
  }
  for (const std::string& text :
       {Repeat("a"), letters, Repeat("a\xCC\x81"), Repeat("\n "), Repeat("[MASK")}) {
    const TokenizedText tokens = (*tokenizer)->Tokenize(text);
    ASSERT_EQ(tokens.ids.size(), tokens.offsets.size());
    if (!tokens.ids.empty()) {
      ASSERT_LE(tokens.offsets.back().end, text.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, LongWords, testing::Values("bert_uncased", "qwen3", "t5"),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace podium::text
