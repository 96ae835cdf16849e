#include "text/tokenizer.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/log.h"
#include "io/compressed.h"

namespace podium::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<const Tokenizer> MustParse(std::string_view json) {
  auto tokenizer = Tokenizer::FromJson(json, "t.json");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
  return tokenizer.ok() ? *std::move(tokenizer) : nullptr;
}

std::string ErrorOf(std::string_view json) {
  const auto tokenizer = Tokenizer::FromJson(json, "t.json");
  return tokenizer.ok() ? "OK" : tokenizer.status().ToString();
}

// Each token as its spelling and the bytes it stands for: "ab=AB".
std::vector<std::string> Show(const Tokenizer& tokenizer, std::string_view text) {
  const TokenizedText tokens = tokenizer.Tokenize(text);
  std::vector<std::string> shown;
  for (size_t i = 0; i < tokens.ids.size(); ++i) {
    const ByteRange range = tokens.offsets[i];
    shown.push_back(Format("{}={}", tokenizer.IdToToken(tokens.ids[i]),
                           text.substr(range.begin, range.end - range.begin)));
  }
  return shown;
}

// A model that knows every ASCII letter, and what is before it.
std::string WordLevelJson(std::string_view parts) {
  return Format(
      R"({{{}"model": {{"type": "WordLevel", "unk_token": "?", "vocab": {{"?": 0, "a": 1, "b": 2, "ab": 3}}}}}})",
      parts);
}

// What the pre-tokenizer cuts a text into, with the normalizer before it.
std::vector<std::string> Cut(std::string_view normalizer, std::string_view pre_tokenizer,
                             std::string_view text) {
  const auto tokenizer = MustParse(WordLevelJson(
      Format(R"("normalizer": {}, "pre_tokenizer": {}, )", normalizer, pre_tokenizer)));
  if (tokenizer == nullptr) {
    return {};
  }
  std::vector<std::string> pieces;
  for (const ByteRange& range : tokenizer->Tokenize(text).offsets) {
    pieces.emplace_back(text.substr(range.begin, range.end - range.begin));
  }
  return pieces;
}

TEST(Tokenizer, CutsAsThePreTokenizersSay) {
  const auto cut = [](std::string_view pre_tokenizer, std::string_view text) {
    return Cut("null", pre_tokenizer, text);
  };
  EXPECT_THAT(cut(R"({"type": "WhitespaceSplit"})",
                  " a, b\xE3\x80\x80"
                  "c "),
              ElementsAre("a,", "b", "c"));
  EXPECT_THAT(cut(R"({"type": "Whitespace"})", "a,. b_c"), ElementsAre("a", ",.", "b_c"));
  EXPECT_THAT(cut(R"({"type": "BertPreTokenizer"})", "a,.b c"),
              ElementsAre("a", ",", ".", "b", "c"));
  EXPECT_THAT(cut(R"({"type": "Digits"})", "a12b"), ElementsAre("a", "12", "b"));
  EXPECT_THAT(cut(R"({"type": "Digits", "individual_digits": true})", "a12b"),
              ElementsAre("a", "1", "2", "b"));
  EXPECT_THAT(cut(R"({"type": "Punctuation"})", "a,.b"), ElementsAre("a", ",", ".", "b"));
  EXPECT_THAT(cut(R"({"type": "Punctuation", "behavior": "Contiguous"})", "a,.b"),
              ElementsAre("a", ",.", "b"));
  EXPECT_THAT(cut(R"({"type": "CharDelimiterSplit", "delimiter": "|"})", "a|b||c"),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(cut(R"({"type": "Split", "pattern": {"String": "."}, "behavior": "Removed"})", "a.b"),
              ElementsAre("a", "b"));
  EXPECT_THAT(
      cut(R"({"type": "Split", "pattern": {"Regex": "[ab]+"}, "behavior": "removed", "invert": true})",
          "xaby"),
      ElementsAre("ab"));
  EXPECT_THAT(cut(R"({"type": "Metaspace", "replacement": "_"})", "a  b"),
              ElementsAre("a", " ", " b"));
  EXPECT_THAT(cut(R"({"type": "Metaspace", "replacement": "_", "split": false})", "a b"),
              ElementsAre("a b"));
  EXPECT_THAT(cut(R"({"type": "ByteLevel", "add_prefix_space": false})", "a b's"),
              ElementsAre("a", " b", "'s"));
  EXPECT_THAT(cut(R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                  {"type": "Punctuation"}]})",
                  "a, b"),
              ElementsAre("a", ",", "b"));
}

// What the model sees is read back through tokens: every byte a token of its own.
std::string Normalized(std::string_view normalizer, std::string_view text) {
  std::string vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary += Format("{}\"<0x{:02X}>\": {}", byte == 0 ? "" : ", ", byte, byte);
  }
  const auto tokenizer = MustParse(Format(
      R"({{"normalizer": {}, "model": {{"type": "BPE", "byte_fallback": true, "merges": [], "vocab": {{{}}}}}}})",
      normalizer, vocabulary));
  std::string out;
  if (tokenizer != nullptr) {
    for (const int32_t id : tokenizer->Tokenize(text).ids) {
      out += static_cast<char>(id);
    }
  }
  return out;
}

TEST(Tokenizer, NormalisesAsTheNormalizersSay) {
  EXPECT_EQ(Normalized(R"({"type": "Lowercase"})", "A\xC3\x89\xC4\xB0"), "a\xC3\xA9i\xCC\x87");
  EXPECT_EQ(Normalized(R"({"type": "Strip"})", " \xC2\xA0 a b\t"), "a b");
  EXPECT_EQ(Normalized(R"({"type": "Strip", "strip_left": false, "strip_right": true})", " a "),
            " a");
  EXPECT_EQ(Normalized(R"({"type": "Prepend", "prepend": "_"})", "a"), "_a");
  EXPECT_EQ(Normalized(R"({"type": "Prepend", "prepend": "_"})", ""), "");
  EXPECT_EQ(
      Normalized(R"({"type": "Replace", "pattern": {"String": "a."}, "content": "xyz"})", "a.aba."),
      "xyzabxyz");
  EXPECT_EQ(Normalized(R"({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})",
                       "a   b  "),
            "a b ");
  EXPECT_EQ(Normalized(R"({"type": "NFKC"})", "\xEF\xAC\x81"), "fi");
  EXPECT_EQ(Normalized(R"({"type": "Nmt"})", "a\x01\tb\xE2\x80\x8B"), "a b ");
  EXPECT_EQ(Normalized(R"({"type": "ByteLevel"})", "a \n"), "a\xC4\xA0\xC4\x8A");
  EXPECT_EQ(Normalized(R"({"type": "Sequence", "normalizers": [{"type": "NFD"},
                       {"type": "StripAccents"}]})",
                       "\xC3\xA9t\xC3\xA9"),
            "ete");
  EXPECT_EQ(Normalized(R"({"type": "BertNormalizer"})", "\xC3\x89t\xC3\xA9\x01\t\xE6\x97\xA5"),
            "ete  \xE6\x97\xA5 ");
  EXPECT_EQ(Normalized(R"({"type": "BertNormalizer", "lowercase": false})", "\xC3\x89"),
            "\xC3\x89");
  // A mark that stays (U+302E, spacing) trades places with one that goes.
  EXPECT_EQ(Normalized(R"({"type": "BertNormalizer"})", "A\xE3\x80\xAE\xCC\xA3"), "a\xE3\x80\xAE");
}

TEST(Tokenizer, KeepsOriginalOffsetsThroughNormalisation) {
  const auto tokenizer = MustParse(
      R"({"normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
          "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "ete": 1, "a": 2, "##b": 3}}})");
  EXPECT_THAT(Show(*tokenizer,
                   " \xC3\x89t\xC3\xA9 A\x01"
                   "B"),
              ElementsAre("ete=\xC3\x89t\xC3\xA9", "a=A", "##b=B"));
  EXPECT_THAT(Show(*tokenizer, "ab ax"), ElementsAre("a=a", "##b=b", "[UNK]=ax"));
}

TEST(Tokenizer, FindsAddedTokens) {
  const auto tokenizer = MustParse(WordLevelJson(
      R"("normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "WhitespaceSplit"},
         "added_tokens": [
           {"id": 4, "content": "[SEP]", "special": true},
           {"id": 5, "content": "<m>", "special": true, "lstrip": true, "rstrip": true},
           {"id": 6, "content": "one", "single_word": true},
           {"id": 7, "content": "Two", "normalized": true},
           {"id": 8, "content": "[SEP]]", "special": true}], )"));
  EXPECT_THAT(Show(*tokenizer, "a[SEP]b [sep]"),
              ElementsAre("a=a", "[SEP]=[SEP]", "b=b", "?=[sep]"));
  EXPECT_THAT(Show(*tokenizer, "a <m> \t b"), ElementsAre("a=a", "<m>= <m> \t ", "b=b"));
  EXPECT_THAT(Show(*tokenizer, "one a one, bone"),
              ElementsAre("one=one", "a=a", "one=one", "?=,", "?=bone"));
  EXPECT_THAT(Show(*tokenizer, "atWOb"), ElementsAre("a=a", "Two=tWO", "b=b"));
  EXPECT_THAT(Show(*tokenizer, "[SEP]]"), ElementsAre("[SEP]]=[SEP]]")) << "the longest counts";
  EXPECT_EQ(tokenizer->vocab_size(), 9U);
  EXPECT_EQ(tokenizer->TokenToId("Two"), 7);
  EXPECT_EQ(tokenizer->TokenToId("nothing"), std::nullopt);
  EXPECT_EQ(tokenizer->IdToToken(99), "");
}

TEST(Tokenizer, GivesAddedTokensTheIdsOfTheReference) {
  SetLogLevel(LogLevel::kOff);
  const auto tokenizer = MustParse(WordLevelJson(
      R"("added_tokens": [{"id": 40, "content": "x"}, {"id": 9, "content": "a"}], )"));
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(tokenizer->TokenToId("x"), 4) << "the next free one";
  EXPECT_EQ(tokenizer->TokenToId("a"), 1) << "that of the model";
}

TEST(Tokenizer, SpellsUnknownCharacters) {
  const auto unigram = MustParse(
      R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["aa", -1.5]]}})");
  EXPECT_THAT(Show(*unigram,
                   "aaaxyz"
                   "a"),
              ElementsAre("a=a", "aa=aa", "<unk>=xyz", "a=a"));
  const auto bytes = MustParse(
      R"({"model": {"type": "Unigram", "unk_id": 0, "byte_fallback": true,
          "vocab": [["<unk>", 0], ["a", -1], ["<0xC3>", -9], ["<0xA9>", -9]]}})");
  EXPECT_THAT(Show(*bytes, "a\xC3\xA9"), ElementsAre("a=a", "<0xC3>=\xC3\xA9", "<0xA9>=\xC3\xA9"));
  EXPECT_THAT(Show(*bytes, "\xC3\xA9x"), ElementsAre("<unk>=\xC3\xA9x"))
      << "neighbours are unknown together";
  const auto bpe = MustParse(
      R"({"model": {"type": "BPE", "unk_token": "?", "vocab": {"?": 0, "a": 1, "aa": 2}, "merges": ["a a"]}})");
  EXPECT_THAT(Show(*bpe, "xyaaa"), ElementsAre("?=x", "?=y", "aa=aa", "a=a"));
  const auto fused = MustParse(
      R"({"model": {"type": "BPE", "unk_token": "?", "fuse_unk": true, "vocab": {"?": 0, "a": 1}, "merges": []}})");
  EXPECT_THAT(Show(*fused, "xya"), ElementsAre("?=xy", "a=a"));
}

TEST(Tokenizer, MergesWithAffixes) {
  const auto prefix = MustParse(
      R"({"model": {"type": "BPE", "continuing_subword_prefix": "##", "vocab": {"a": 0, "##b": 1, "##c": 2,
          "ab": 3, "abc": 4}, "merges": [["a", "##b"], ["ab", "##c"]]}})");
  EXPECT_THAT(Show(*prefix, "abc"), ElementsAre("abc=abc"));
  EXPECT_THAT(Show(*prefix, "ac"), ElementsAre("a=a", "##c=c"));
  const auto suffix = MustParse(
      R"({"model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0, "b</w>": 1, "ab</w>": 2},
          "merges": ["a b</w>"]}})");
  EXPECT_THAT(Show(*suffix, "ab"), ElementsAre("ab</w>=ab"));
  const auto whole = MustParse(
      R"({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
          "model": {"type": "BPE", "ignore_merges": true, "vocab": {"a": 0, "b": 1, "Ġab": 2, "Ġ": 3}, "merges": []}})");
  EXPECT_THAT(Show(*whole, "ab b"), ElementsAre("Ġab=ab", "Ġ= ", "b=b"));
}

TEST(Tokenizer, TrimsByteLevelOffsets) {
  const std::string model =
      R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
         "model": {"type": "BPE", "vocab": {"a": 0, "Ġ": 1, "Ġa": 2}, "merges": ["Ġ a"]}})";
  const auto trimmed = MustParse(
      R"({"post_processor": {"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": true}, )" +
      model);
  const auto raw = MustParse("{" + model);
  EXPECT_THAT(Show(*raw, "a a"), ElementsAre("Ġa=a", "Ġa= a"));
  EXPECT_THAT(Show(*trimmed, "a a"), ElementsAre("Ġa=a", "Ġa=a"));
  EXPECT_EQ(trimmed->Tokenize(" a").offsets[0], (ByteRange{0, 2})) << "the first keeps its space";
}

TEST(Tokenizer, PutsSpecialTokensAroundTexts) {
  const auto tokenizer = MustParse(WordLevelJson(
      R"("pre_tokenizer": {"type": "WhitespaceSplit"},
         "post_processor": {"type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1]}, )"));
  EXPECT_EQ(tokenizer->SpecialTokens(false), 2U);
  EXPECT_EQ(tokenizer->SpecialTokens(true), 3U);
  const auto pair = tokenizer->EncodePair("ab a", "ab b ab", {.max_length = 7});
  ASSERT_TRUE(pair.ok());
  EXPECT_THAT(pair->ids, ElementsAre(1, 3, 1, 2, 3, 2, 2));
  EXPECT_THAT(pair->type_ids, ElementsAre(0, 0, 0, 0, 1, 1, 1));
  EXPECT_THAT(pair->special, ElementsAre(1, 0, 0, 1, 0, 0, 1));
  EXPECT_THAT(pair->sequence, ElementsAre(0, 0, 0, 0, 1, 1, 1));
  EXPECT_EQ(pair->offsets[5], (ByteRange{3, 4}));
  EXPECT_EQ(pair->offsets[6], (ByteRange{0, 0}));
  EXPECT_EQ(pair->dropped_first, 0U);
  EXPECT_EQ(pair->dropped_second, 1U);
  EXPECT_TRUE(pair->truncated());
  const auto left = tokenizer->Encode("ab a b", {.max_length = 3, .side = TruncationSide::kLeft});
  ASSERT_TRUE(left.ok());
  EXPECT_THAT(left->ids, ElementsAre(1, 2, 2));
  EXPECT_EQ(left->offsets[1], (ByteRange{5, 6}));
  EXPECT_EQ(tokenizer->Encode("ab", {TruncationStrategy::kOnlySecond, 2}).status().code(),
            StatusCode::kOk);
}

TEST(Tokenizer, AssemblesIdsAloneAsItDoesWithOffsets) {
  const auto tokenizer = MustParse(WordLevelJson(
      R"("pre_tokenizer": {"type": "WhitespaceSplit"},
         "post_processor": {"type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1]}, )"));
  ASSERT_NE(tokenizer, nullptr);
  const std::vector<std::string> texts = {"", "a", "ab a b", "b b a ab ? a b ab ab a b"};
  size_t cut = 0;
  for (const std::string& first_text : texts) {
    for (const std::string& second_text : texts) {
      const TokenizedText first = tokenizer->Tokenize(first_text);
      const TokenizedText second = tokenizer->Tokenize(second_text);
      for (const TruncationStrategy strategy :
           {TruncationStrategy::kLongestFirst, TruncationStrategy::kOnlyFirst,
            TruncationStrategy::kOnlySecond, TruncationStrategy::kNone}) {
        for (const TruncationSide side : {TruncationSide::kRight, TruncationSide::kLeft}) {
          for (size_t length = 0; length < 30; ++length) {
            const Truncation truncation = {strategy, length, side};
            const auto full = tokenizer->Assemble(first, &second, truncation);
            const auto bare = tokenizer->AssembleIds(first.ids, second.ids, truncation);
            ASSERT_EQ(bare.ok(), full.ok());
            if (!full.ok()) {
              EXPECT_EQ(bare.status().message(), full.status().message());
              continue;
            }
            EXPECT_EQ(bare->ids, full->ids);
            EXPECT_EQ(bare->type_ids, full->type_ids);
            EXPECT_EQ(bare->dropped_first, full->dropped_first);
            EXPECT_EQ(bare->dropped_second, full->dropped_second);
            EXPECT_EQ(full->ids.size(), full->offsets.size());
            cut += bare->truncated() ? 1 : 0;
          }
        }
      }
    }
  }
  EXPECT_GT(cut, 0U);
}

TEST(TokenizerFingerprint, CountsWhatDecidesTheIdsAndNothingElse) {
  const auto of = [](std::string_view parts) {
    return MustParse(WordLevelJson(parts))->fingerprint().ToHex();
  };
  const std::string plain = of("");
  // Stored in indexes: it changes with kTokenizerRevision alone.
  EXPECT_EQ(plain, "174676aa54bf5ee4db8e61e56c1af776");
  EXPECT_EQ(
      of(R"("post_processor": {"type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1]}, )"),
      plain);
  EXPECT_EQ(of(R"("truncation": {"max_length": 8}, "padding": null, "decoder": {"type": "x"}, )"),
            plain);
  EXPECT_EQ(of("\n  \"normalizer\" :null,\n  "), plain) << "layout";
  EXPECT_NE(of(R"("normalizer": {"type": "Lowercase"}, )"), plain);
  EXPECT_NE(of(R"("pre_tokenizer": {"type": "Whitespace"}, )"), plain);
  EXPECT_NE(of(R"("added_tokens": [{"id": 1, "content": "a"}], )"), plain);
  EXPECT_NE(of(R"("added_tokens": [{"id": 1, "content": "a", "lstrip": true}], )"),
            of(R"("added_tokens": [{"id": 1, "content": "a"}], )"));
  const auto word_level = [](std::string_view vocabulary) {
    return MustParse(
               Format(R"({{"model": {{"type": "WordLevel", "unk_token": "?", "vocab": {}}}}})",
                      vocabulary))
        ->fingerprint();
  };
  EXPECT_NE(word_level(R"({"?": 0, "a": 1, "b": 2})"), word_level(R"({"?": 0, "a": 2, "b": 1})"));
}

TEST(Tokenizer, TakesAnyBytes) {
  const auto tokenizer = MustParse(
      R"({"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "WhitespaceSplit"},
          "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["\ufffd", -2], ["\u0000", -3]]}})");
  EXPECT_THAT(Show(*tokenizer,
                   "a\xFF"
                   "a\xE2\x96 \xC0\x80"),
              ElementsAre("a=a", "\xEF\xBF\xBD=\xFF", "a=a", "\xEF\xBF\xBD=\xE2\x96",
                          "\xEF\xBF\xBD=\xC0", "\xEF\xBF\xBD=\x80"));
  const std::string_view nul("a\0a", 3);
  EXPECT_EQ(tokenizer->Tokenize(nul).ids, (std::vector<int32_t>{1, 3, 1}));
  EXPECT_THAT(tokenizer->Tokenize("").ids, IsEmpty());
}

TEST(Tokenizer, ReadsFilesOfOldVersions) {
  const auto bpe = MustParse(
      R"({"model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["#version: 0.2", "a b"]}})");
  EXPECT_THAT(Show(*bpe, "ab"), ElementsAre("ab=ab"));
  const auto unigram = MustParse(R"({"model": {"unk_id": 0, "vocab": [["?", 0], ["▁a", -1]]},
      "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": true}})");
  EXPECT_THAT(Show(*unigram, "a a"), ElementsAre("▁a=a", "▁a= a"));
  const auto word_piece = MustParse(
      R"({"model": {"vocab": {"[UNK]": 0, "a": 1, "##a": 2}, "continuing_subword_prefix": "##"}})");
  EXPECT_THAT(Show(*word_piece, "aa"), ElementsAre("a=a", "##a=a"));
  const auto first =
      MustParse(R"({"model": {"unk_id": 0, "vocab": [["?", 0], ["_a", -1], ["a", -1]]},
      "added_tokens": [{"id": 3, "content": "<s>", "special": true}],
      "pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first"}})");
  EXPECT_THAT(Show(*first, "a<s>a"), ElementsAre("_a=a", "<s>=<s>", "a=a"));
}

TEST(Tokenizer, ErrorsNameTheFileAndTheFault) {
  const std::string piece = R"("model": {"type": "WordPiece", "vocab": {"[UNK]": 0}})";
  EXPECT_EQ(ErrorOf(R"({"normalizer": {"type": "Upcase"}, )" + piece + "}"),
            "unsupported: t.json: normalizer \"Upcase\" is not known");
  EXPECT_EQ(ErrorOf(R"({"pre_tokenizer": {"type": "UnicodeScripts"}, )" + piece + "}"),
            "unsupported: t.json: pre-tokenizer \"UnicodeScripts\" is not known");
  EXPECT_EQ(ErrorOf(R"({"post_processor": {"type": "X"}, )" + piece + "}"),
            "unsupported: t.json: post-processor \"X\" is not known");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "Kaleidoscope"}})"),
            "unsupported: t.json: model: model \"Kaleidoscope\" is not known");
  EXPECT_EQ(ErrorOf(R"({"version": "2.0", )" + piece + "}"),
            "unsupported: t.json: version \"2.0\" of the format, expected \"1.0\"");
  EXPECT_EQ(ErrorOf("{}"), "invalid argument: t.json: \"model\" is missing");
  EXPECT_THAT(ErrorOf("{\"model\""), HasSubstr("t.json: "));
  EXPECT_EQ(
      ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": 0}}})"),
      "invalid argument: t.json: model: the unknown token \"[UNK]\" is not in the vocabulary");
  EXPECT_EQ(
      ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": -1}}})"),
      "invalid argument: t.json: model: token \"a\" has id -1, expected one from 0 to 4194303");
  EXPECT_THAT(ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": 99999999}}})"),
              HasSubstr("has id 99999999"));
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": 1, "b": 1}}})"),
            "invalid argument: t.json: model: tokens \"a\" and \"b\" both have id 1");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": 1, "a": 2}}})"),
            "invalid argument: t.json: model: token \"a\" is given twice");
  EXPECT_EQ(
      ErrorOf(R"({"model": {"type": "WordPiece", "vocab": {"a": "x"}}})"),
      "invalid argument: t.json: model: the id of token \"a\" must be an integer, found a string");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}})"),
            "invalid argument: t.json: model: merge 1 (\"a\" \"b\"): token \"b\" is not in the "
            "vocabulary");
  EXPECT_THAT(ErrorOf(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"]}})"),
              HasSubstr("merge 1 must be two tokens"));
  EXPECT_EQ(
      ErrorOf(R"({"model": {"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []}})"),
      "invalid argument: t.json: model: the unknown token \"?\" is not in the vocabulary");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "Unigram", "unk_id": 7, "vocab": [["a", 0]]}})"),
            "invalid argument: t.json: model: \"unk_id\" is 7, but the vocabulary has 1 tokens");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "Unigram", "vocab": [["a", 0]]}})"),
            "invalid argument: t.json: model: \"unk_id\" is missing");
  EXPECT_EQ(ErrorOf(R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", null]]}})"),
            "invalid argument: t.json: model: entry 1 of \"vocab\" must be a token and its score");
  EXPECT_THAT(ErrorOf(R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("},
                      "behavior": "Isolated"}, )" +
                      piece + "}"),
              HasSubstr("t.json: Split: pattern \"(\": missing closing parenthesis"));
  EXPECT_THAT(ErrorOf(R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAA"}, )" +
                      piece + "}"),
              HasSubstr("t.json: Precompiled: not base64"));
  EXPECT_THAT(
      ErrorOf(R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "/////w=="}, )" +
              piece + "}"),
      HasSubstr("announces an array of 4294967295 bytes, but 0 bytes follow"));
  EXPECT_THAT(
      ErrorOf(R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}, )" + piece + "}"),
      HasSubstr("\"replacement\" must be one character, found \"__\""));
  EXPECT_THAT(ErrorOf(R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "_",
                      "add_prefix_space": false, "prepend_scheme": "always"}, )" +
                      piece + "}"),
              HasSubstr("add_prefix_space false contradicts prepend_scheme \"always\""));
  EXPECT_THAT(
      ErrorOf(
          R"({"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}],
                      "pair": [{"Sequence": {"id": "A"}}], "special_tokens": {}}, )" +
          piece + "}"),
      HasSubstr("\"pair\" must use A and B once"));
  EXPECT_THAT(
      ErrorOf(
          R"({"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "X"}}],
                      "pair": [], "special_tokens": {}}, )" +
          piece + "}"),
      HasSubstr("\"special_tokens\" gives no ids for \"X\""));
  EXPECT_THAT(ErrorOf(R"({"added_tokens": [{"id": -1, "content": "x"}], )" + piece + "}"),
              HasSubstr("t.json: added_tokens: \"x\": id -1 is not from 0"));
}

TEST(Tokenizer, SurvivesTruncatedAndChangedFiles) {
  const std::string json =
      R"({"version":"1.0","added_tokens":[{"id":1,"content":"[S]","special":true}],"normalizer":{"type":"Sequence",
"normalizers":[{"type":"Replace","pattern":{"Regex":"a+"},"content":"b"},{"type":"Precompiled","precompiled_charsmap":"CAAAAAABAAAAAAAA"}]},
"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true},"post_processor":{"type":
"RobertaProcessing","sep":["x",1],"cls":["y",0],"trim_offsets":true,"add_prefix_space":false},"model":{"type":"BPE",
"unk_token":"u","vocab":{"u":0,"[S]":1,"a":2,"b":3,"ab":4},"merges":["a b"]}})";
  SetLogLevel(LogLevel::kOff);
  ASSERT_EQ(ErrorOf(json), "OK");
  for (size_t size = 0; size < json.size(); ++size) {
    EXPECT_NE(ErrorOf(json.substr(0, size)), "OK") << size;
  }
  size_t still_fine = 0;
  for (size_t at = 0; at < json.size(); ++at) {
    for (const int flip : {0x01, 0x08, 0x20}) {
      std::string changed = json;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const auto tokenizer = Tokenizer::FromJson(changed, "t.json");
      if (tokenizer.ok()) {
        (void)(*tokenizer)->EncodePair("ab [S] \xFF", "b a", {.max_length = 5});
        ++still_fine;
      }
    }
  }
  SetLogLevel(LogLevel::kInfo);
  EXPECT_GT(still_fine, 0U);
}

class ModelFolder : public testing::Test {
 protected:
  ModelFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "podium-tokenizer-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ModelFolder() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::filesystem::path folder_;
};

TEST_F(ModelFolder, ReadsVocabularyLines) {
  Write("vocab.txt", "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\n[MASK]\nete\nT\n##t\n");
  const auto lower = Tokenizer::Load(folder_);
  ASSERT_TRUE(lower.ok()) << lower.status().ToString();
  EXPECT_EQ((*lower)->model_max_length(), std::nullopt);
  const auto encoding = (*lower)->Encode("\xC3\x89T\xC3\xA9 [MASK]");
  ASSERT_TRUE(encoding.ok());
  EXPECT_THAT(encoding->ids, ElementsAre(2, 5, 4, 3));
  Write("tokenizer_config.json",
        R"({"do_lower_case": false, "model_max_length": 512, "cls_token": {"content": "[PAD]"}})");
  const auto cased = Tokenizer::Load(folder_);
  ASSERT_TRUE(cased.ok()) << cased.status().ToString();
  EXPECT_EQ((*cased)->model_max_length(), 512U);
  EXPECT_THAT((*cased)->Encode("Tt T\xC3\xA9")->ids, ElementsAre(0, 6, 7, 1, 3));
  Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
  EXPECT_THAT(Tokenizer::Load(folder_).status().message(),
              HasSubstr("vocab.txt: the mask_token \"[MASK]\" is not in the vocabulary"));
}

TEST_F(ModelFolder, AFingerprintOfVocabularyLinesKnowsTheSettings) {
  const std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nete\n";
  const auto with = [this](std::string_view vocabulary, std::string_view config) {
    Write("vocab.txt", vocabulary);
    Write("tokenizer_config.json", config);
    const auto tokenizer = Tokenizer::Load(folder_);
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
    return (*tokenizer)->fingerprint();
  };
  const Fingerprint plain = with(lines, "{}");
  EXPECT_EQ(with(lines, R"({"model_max_length": 512, "do_lower_case": true})"), plain);
  EXPECT_NE(with(lines + "##t\n", "{}"), plain);
  EXPECT_NE(with(lines, R"({"do_lower_case": false})"), plain);
  EXPECT_NE(with(lines, R"({"strip_accents": false})"), plain);
  EXPECT_NE(with(lines, R"({"tokenize_chinese_chars": false})"), plain);
  EXPECT_NE(with(lines, R"({"unk_token": "[PAD]"})"), plain);
}

TEST_F(ModelFolder, ReadsTheLimitBesideTokenizerJson) {
  EXPECT_EQ(Tokenizer::Load(folder_).status().code(), StatusCode::kNotFound);
  Write("tokenizer.json", WordLevelJson(""));
  EXPECT_EQ((*Tokenizer::Load(folder_))->model_max_length(), std::nullopt);
  EXPECT_TRUE(Tokenizer::Load(folder_ / "tokenizer.json").ok()) << "the file itself will do";
  Write("tokenizer_config.json", R"({"model_max_length": 1000000000000000019884624838656})");
  EXPECT_EQ((*Tokenizer::Load(folder_))->model_max_length(), std::nullopt);
  Write("tokenizer_config.json", R"({"model_max_length": "x"})");
  EXPECT_THAT(Tokenizer::Load(folder_).status().message(),
              HasSubstr("tokenizer_config.json: \"model_max_length\" must be a number"));
  Write("tokenizer_config.json", "[]");
  EXPECT_THAT(Tokenizer::Load(folder_).status().message(), HasSubstr("expected an object"));
}

TEST(Tokenizer, GivesTheSameTokensFromManyThreads) {
  const auto json = io::ReadMaybeCompressed(std::string(PODIUM_TEST_DATA) +
                                            "/golden/tokenizers/xlmr_spmconv/tokenizer.json.zst");
  ASSERT_TRUE(json.ok());
  const auto tokenizer = MustParse(*json);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    texts.push_back(Format("document number {} about tokenization {} and reranking", i, i * 7919));
  }
  std::vector<std::vector<int32_t>> expected;
  for (const std::string& text : texts) {
    expected.push_back(tokenizer->Tokenize(text).ids);
  }
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < texts.size(); ++i) {
        const size_t at = (i * 31 + t * 17) % texts.size();
        wrong[t] += tokenizer->Tokenize(texts[at]).ids == expected[at] ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace podium::text
