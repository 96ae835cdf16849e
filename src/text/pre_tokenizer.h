// The step of a tokenizer that cuts text into words.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/json_view.h"
#include "text/aligned_text.h"

namespace podium::text {

// A stretch of text with whether it matched what it was cut by.
struct Match {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool matched = false;
};

// Text cut into pieces: ascending, not overlapping, none empty. What lies between is left out.
struct CutText {
  AlignedText text;
  std::vector<ByteRange> pieces;
  std::vector<ByteRange> cut;  // room for the pieces of the next step
  std::vector<Match> matches;  // room for the matches in one piece
};

// Immutable; safe to use from many threads, each with a CutText of its own.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // Cuts each piece into smaller ones; may rewrite the text.
  virtual void Cut(CutText& text) const = 0;
};

// The "pre_tokenizer" of a tokenizer.json. `where` (the file) heads errors; a type that is not
// known: Unsupported, naming it. With `byte_level`, a last ByteLevel leaves bytes as they are
// instead of writing printable characters for them (see ModelOptions).
Result<std::unique_ptr<const PreTokenizer>> ParsePreTokenizer(io::JsonView json, bool byte_level,
                                                              std::string_view where);

// True if ByteLevel is this pre-tokenizer or the last of the sequence that it is.
bool EndsInByteLevel(io::JsonView json);

}  // namespace podium::text
