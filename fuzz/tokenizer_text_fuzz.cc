// Any bytes as text: small tokenizers of every kind give tokens whose offsets lie in the text, in
// order, and the same tokens again when asked again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace {

using podium::text::Tokenizer;

constexpr std::array<std::string_view, 4> kTokenizers = {
    R"json({"normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "added_tokens": [{"id": 1, "content": "[SEP]", "special": true},
                         {"id": 2, "content": "ab", "normalized": true, "lstrip": true, "rstrip": true}],
        "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[SEP]": 1, "ab": 2, "a": 3, "##b": 4, "##c": 5, "b": 6}}})json",
    R"json({"normalizer": {"type": "NFKC"},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
        "post_processor": {"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": true},
        "model": {"type": "BPE", "unk_token": "a", "fuse_unk": true,
                  "vocab": {"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u0120a": 4, "aba": 5},
                  "merges": ["a b", "\u0120 a", "ab a"]}})json",
    R"json({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"},
          {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Strip"}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first"},
        "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": true,
                  "vocab": [["<unk>", 0], ["\u2581", -2], ["a", -3], ["\u2581a", -4], ["b", -5], ["<0x63>", -9]]}})json",
    R"json({"normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "behavior": "MergedWithNext", "pattern": {"Regex": "\\p{N}+|\\s+(?!\\S)"}},
          {"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Contiguous"},
          {"type": "Whitespace"}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "end_of_word_suffix": "</w>",
                  "vocab": {"<unk>": 0, "a": 1, "a</w>": 2, "aa</w>": 3, "1</w>": 4, "<0x61>": 5}, "merges": [["a", "a</w>"]]}})json",
};

std::vector<std::unique_ptr<const Tokenizer>> LoadAll() {
  std::vector<std::unique_ptr<const Tokenizer>> all;
  for (const std::string_view json : kTokenizers) {
    auto tokenizer = Tokenizer::FromJson(json, "built in");
    if (!tokenizer.ok()) {
      std::abort();
    }
    all.push_back(*std::move(tokenizer));
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const tokenizers =
      new std::vector<std::unique_ptr<const Tokenizer>>(LoadAll());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& tokenizer : *tokenizers) {
    const podium::text::TokenizedText tokens = tokenizer->Tokenize(text);
    const podium::text::TokenizedText again = tokenizer->Tokenize(text);
    if (tokens.ids != again.ids || tokens.offsets != again.offsets ||
        tokens.ids.size() != tokens.offsets.size()) {
      std::abort();
    }
    for (size_t i = 0; i < tokens.ids.size(); ++i) {
      const podium::text::ByteRange range = tokens.offsets[i];
      if (range.begin > range.end || range.end > size ||
          static_cast<size_t>(tokens.ids[i]) >= tokenizer->vocab_size()) {
        std::abort();
      }
    }
  }
  return 0;
}
