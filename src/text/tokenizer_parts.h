// What a Tokenizer is made of; shared by the files that build it and the one that runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/fingerprint.h"
#include "text/added_tokens.h"
#include "text/model.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/tokenizer.h"

namespace podium::text {

// Whitespace characters at the ends of a token's spelling.
struct TokenSpaces {
  uint16_t leading = 0;
  uint16_t trailing = 0;
};

struct Tokenizer::Parts {
  std::unique_ptr<const Normalizer> normalizer;       // may be null
  std::unique_ptr<const PreTokenizer> pre_tokenizer;  // may be null
  std::unique_ptr<const Model> model;
  AddedTokens added;
  PostProcessor post_processor;
  std::vector<TokenSpaces> spaces;  // by id; empty unless offsets are trimmed
  std::optional<size_t> model_max_length;
  Fingerprint fingerprint;
};

// Counts whitespace, for which byte-level tokens write U+0120.
TokenSpaces CountSpaces(std::string_view token);

}  // namespace podium::text
