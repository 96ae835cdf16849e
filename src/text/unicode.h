// What tokenizers ask about characters, with the answers the Hugging Face library gives: its tables
// are of several ages, and where that changes token ids the difference is written down here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace podium::text {

// The property White_Space (Rust's char::is_whitespace, \s of the regex libraries).
bool IsWhitespace(char32_t c);
// General category L, and N (Nd, Nl, No).
bool IsLetter(char32_t c);
bool IsNumber(char32_t c);
// The same in the newer tables of the Rust standard library (char::is_numeric).
bool IsRustNumeric(char32_t c);
// \w as UTS #18 defines it: alphabetic, mark, decimal digit, connector punctuation, join control.
bool IsWordCharacter(char32_t c);
// General category M (Mn, Mc, Me).
bool IsMark(char32_t c);
// General category P (of Unicode 8), or a non-alphanumeric ASCII graphic character.
bool IsBertPunctuation(char32_t c);
// What BertNormalizer's clean_text drops: NUL, U+FFFD, and Cc, Cf, Co but for \t \n
// \r.
bool IsBertControl(char32_t c);
// General category Mn (of Unicode 8), which strip_accents drops.
bool IsBertAccent(char32_t c);
// The CJK blocks that BertNormalizer puts spaces around.
bool IsBertIdeograph(char32_t c);

uint8_t CombiningClass(char32_t c);

// At most this many characters in the decomposition of one (U+FDFA has 18).
constexpr size_t kMaxDecomposition = 18;
using Decomposition = std::array<char32_t, kMaxDecomposition>;
// Full canonical (or compatibility) decomposition, the character itself where it has none. Returns
// the number of characters.
size_t Decompose(char32_t c, bool compatibility, Decomposition& out);
// The primary composite of two characters; 0 if they do not compose.
char32_t Compose(char32_t first, char32_t second);

// True if the character stays as it is in a normalisation form whatever precedes it, and nothing
// before it composes with it: it is a starter without (compatibility) decomposition, or a primary
// composite where composing. It may still compose with what follows.
bool IsInert(char32_t c, bool compatibility, bool compose);

// Simple lower case, but U+0130 gives two: 'i' and U+0307 (char::to_lowercase of Rust). Returns the
// number of characters.
size_t LowerCase(char32_t c, std::array<char32_t, 2>& out);

// Whether an extended grapheme cluster ends between two neighbours; `state` starts at 0 and is
// carried along the text.
bool IsGraphemeBreak(char32_t left, char32_t right, int32_t& state);

}  // namespace podium::text
