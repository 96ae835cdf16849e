// The printable characters that byte-level vocabularies write for bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/normalizer.h"
#include "text/pre_tokenizer.h"

namespace podium::text {

// The UTF-8 form of the character that stands for a byte: itself if it is a printable character of
// Latin-1, else one of U+0100 … U+0143 (space is U+0120).
std::string_view ByteLevelCharacter(unsigned char byte);

// The bytes that a token of a byte-level vocabulary stands for; nullopt if it has a character that
// stands for none.
std::optional<std::string> DecodeByteLevel(std::string_view token);

struct ByteLevelOptions {
  bool add_prefix_space = true;  // to every piece that does not start with a space
  bool use_regex = true;         // cut by kGpt2Pattern
  bool write_characters = true;  // false: leave bytes as they are
};
std::unique_ptr<const PreTokenizer> NewByteLevel(const ByteLevelOptions& options);
std::unique_ptr<const Normalizer> NewByteLevelNormalizer();

}  // namespace podium::text
