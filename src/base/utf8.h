// UTF-8 at the edge: everything past it is valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podium {

constexpr char32_t kReplacementCharacter = 0xFFFD;

// One decoded scalar value and the bytes it took.
struct DecodedCodePoint {
  char32_t code_point = 0;
  uint32_t length = 0;  // 1 to 4
  bool valid = true;    // false: ill-formed bytes; code_point is U+FFFD, length the bytes to skip
};

// Decodes at `position`. Ill-formed bytes are taken as maximal subparts, one U+FFFD each (the
// Unicode Standard 15, section 3.9; what Rust's from_utf8_lossy and the WHATWG decoder do).
// REQUIRES: position < text.size()
DecodedCodePoint DecodeUtf8(std::string_view text, size_t position);

// Appends the UTF-8 form of a scalar value. REQUIRES: code_point is a Unicode scalar value.
void AppendUtf8(char32_t code_point, std::string& out);

// Length of the longest well-formed prefix; equals text.size() when the text is valid.
size_t ValidUtf8Prefix(std::string_view text);
bool IsValidUtf8(std::string_view text);

// The text with each ill-formed subpart replaced by U+FFFD.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace podium
