// Unicode words: the pieces of a text that become index terms.
#pragma once

#include <cstddef>
#include <string_view>

#include "text/byte_range.h"

namespace podium::text {

// Longest word in bytes. Longer runs are cut at a character boundary, so that a text without spaces
// cannot make one boundless term. 200 leaves room for lower-casing that grows (2 bytes to 3)
// before most stores' 245-byte limit on terms matters.
constexpr size_t kMaxWordBytes = 200;

// Walks over the words of a text, in order, in linear time and without allocating.
//
// A word is a run of letters, digits and marks (Unicode general categories L, Nd, Nl, M) and
// connector punctuation ("snake_case"), with at least one letter or digit. The rules follow Unicode
// Standard Annex 29 (word boundaries) as Lucene's StandardTokenizer reads them:
//   - between letters, one of ' . : and their kin does not break ("don't", "example.com");
//   - between digits, one of ' . , ; and their kin does not break ("1,234.5");
//   - each Han ideograph and each Hiragana letter is a word of its own; Katakana forms runs;
//   - marks and format characters (soft hyphen, joiners) stick to what precedes them.
// Ill-formed UTF-8 breaks words and is part of none.
class WordBreaker {
 public:
  // `text` must outlive the breaker and be shorter than 4 GiB (ByteRange is 32 bits wide).
  explicit WordBreaker(std::string_view text) : text_(text) {}

  // Finds the next word; false at the end. `ascii` tells whether the last word is plain ASCII.
  bool Next(ByteRange& word);
  bool ascii() const { return ascii_; }

 private:
  bool ScanAscii(ByteRange& word);
  bool ScanAny(ByteRange& word);

  std::string_view text_;
  size_t position_ = 0;
  bool ascii_ = true;
};

}  // namespace podium::text
