// Text to token ids, exactly as Hugging Face's tokenizers do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "base/fingerprint.h"
#include "text/byte_range.h"

namespace podium::text {

// What to cut where a text or pair is too long.
enum class TruncationStrategy : uint8_t {
  kLongestFirst,  // the longer of the two, then both alike; the longer one keeps an odd token
  kOnlyFirst,     // the first text; an error if nothing of it would stay
  kOnlySecond,    // the second text; an error if nothing of it would stay, or if there is none
  kNone,
};

// The side of a text that is cut off.
enum class TruncationSide : uint8_t { kRight, kLeft };

struct Truncation {
  TruncationStrategy strategy = TruncationStrategy::kLongestFirst;
  size_t max_length = SIZE_MAX;  // tokens, special tokens included
  TruncationSide side = TruncationSide::kRight;
};

// The tokens of one text without special tokens: made once, assembled with many others.
struct TokenizedText {
  std::vector<int32_t> ids;
  std::vector<ByteRange> offsets;  // into the bytes of the text
};

// What a model reads. All vectors have one element per token.
struct ModelInput {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  // segment ids
  size_t dropped_first = 0;       // tokens cut off each text
  size_t dropped_second = 0;
  bool truncated() const { return dropped_first + dropped_second > 0; }
};

// The same with where each token came from.
struct Encoding : ModelInput {
  std::vector<ByteRange> offsets;  // into the text that `sequence` names; {0, 0} for special tokens
  std::vector<uint8_t> special;    // 1: added by the template
  std::vector<uint8_t> sequence;   // 0 or 1: of which text; for special tokens the one before them
};

// A tokenizer read from a Hugging Face `tokenizer.json`, or from a BERT `vocab.txt`. Immutable;
// every method may be called from many threads at once.
class Tokenizer {
 public:
  // Reads tokenizer.json, or else vocab.txt, from a model directory, and tokenizer_config.json if
  // it is there. Also takes the path of a tokenizer.json itself. NotFound if there is neither;
  // Unsupported, naming it, for a component that Podium does not know; InvalidArgument for a file
  // that contradicts itself. Messages start with the file's path.
  static Result<std::unique_ptr<const Tokenizer>> Load(const std::filesystem::path& model_dir);

  // From the text of a tokenizer.json; `name` heads the messages.
  static Result<std::unique_ptr<const Tokenizer>> FromJson(std::string_view json,
                                                           std::string_view name);

  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  // Any bytes; ill-formed UTF-8 counts as U+FFFD, one per maximal subpart. Time and memory are
  // proportional to the text, whatever is in it. Text past 4 GiB - 1 is left out.
  TokenizedText Tokenize(std::string_view text) const;

  // Cuts as `truncation` says and adds the special tokens. `second` may be null. Truncation as
  // tokenizers 0.22 does it: a max_length below the number of special tokens does not cut at all.
  // InvalidArgument where the text to cut is too short for max_length.
  Result<Encoding> Assemble(const TokenizedText& first, const TokenizedText* second,
                            const Truncation& truncation) const;

  // Assemble for two texts of which the ids are at hand and no offsets: ids and type_ids are those
  // that Assemble gives.
  Result<ModelInput> AssembleIds(std::span<const int32_t> first, std::span<const int32_t> second,
                                 const Truncation& truncation) const;

  // Tokenize and Assemble.
  Result<Encoding> Encode(std::string_view text, const Truncation& truncation = {}) const;
  Result<Encoding> EncodePair(std::string_view first, std::string_view second,
                              const Truncation& truncation = {}) const;

  // Equal for two tokenizers only if Tokenize gives every text the same ids, also in another
  // process and, unless it changed some, in another version of Podium.
  const Fingerprint& fingerprint() const;

  // How many special tokens one text or a pair gets.
  size_t SpecialTokens(bool pair) const;
  // One more than the largest id.
  size_t vocab_size() const;
  std::optional<int32_t> TokenToId(std::string_view token) const;
  // As the vocabulary spells it ("Ġthe" in byte-level ones); "" for an id that has no token.
  std::string_view IdToToken(int32_t id) const;
  // From tokenizer_config.json; nullopt if it gives none, or an absurd one that stands for "none".
  std::optional<size_t> model_max_length() const;

 private:
  friend struct TokenizerLoader;
  struct Parts;
  class Work;
  class WorkPool;

  explicit Tokenizer(std::unique_ptr<Parts> parts);

  std::unique_ptr<const Parts> parts_;
  std::unique_ptr<WorkPool> pool_;
};

}  // namespace podium::text
