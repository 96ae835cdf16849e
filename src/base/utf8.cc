#include "base/utf8.h"

#include <cstring>

namespace podium {
namespace {

// For a lead byte: how many bytes follow and the range that the first of them must lie in, which is
// where overlong forms, surrogates and values past U+10FFFF are refused (Unicode 15, table 3-7).
struct Lead {
  int following = -1;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead ClassifyLead(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) {
    return {1};
  }
  if (byte == 0xE0) {
    return {2, 0xA0, 0xBF};
  }
  if (byte == 0xED) {
    return {2, 0x80, 0x9F};
  }
  if (byte >= 0xE1 && byte <= 0xEF) {
    return {2};
  }
  if (byte == 0xF0) {
    return {3, 0x90, 0xBF};
  }
  if (byte >= 0xF1 && byte <= 0xF3) {
    return {3};
  }
  if (byte == 0xF4) {
    return {3, 0x80, 0x8F};
  }
  return {};
}

}  // namespace

DecodedCodePoint DecodeUtf8(std::string_view text, size_t position) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(position);
  if (first < 0x80) {
    return {first, 1, true};
  }
  const Lead lead = ClassifyLead(first);
  if (lead.following < 0) {
    return {kReplacementCharacter, 1, false};
  }
  constexpr unsigned char kLeadMask[] = {0, 0x1F, 0x0F, 0x07};
  char32_t value = first & kLeadMask[lead.following];
  for (int i = 1; i <= lead.following; ++i) {
    const size_t index = position + static_cast<size_t>(i);
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    if (index >= text.size() || at(index) < low || at(index) > high) {
      return {kReplacementCharacter, static_cast<uint32_t>(i), false};
    }
    value = (value << 6) | (at(index) & 0x3FU);
  }
  return {value, static_cast<uint32_t>(lead.following + 1), true};
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

size_t ValidUtf8Prefix(std::string_view text) {
  size_t position = 0;
  while (position < text.size()) {
    // Eight ASCII bytes at a time: most text is ASCII.
    uint64_t word = 0;
    while (position + sizeof(word) <= text.size()) {
      std::memcpy(&word, text.data() + position, sizeof(word));
      if ((word & 0x8080808080808080U) != 0) {
        break;
      }
      position += sizeof(word);
    }
    if (position >= text.size()) {
      break;
    }
    const DecodedCodePoint decoded = DecodeUtf8(text, position);
    if (!decoded.valid) {
      return position;
    }
    position += decoded.length;
  }
  return position;
}

bool IsValidUtf8(std::string_view text) {
  return ValidUtf8Prefix(text) == text.size();
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    out.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (!text.empty()) {
      AppendUtf8(kReplacementCharacter, out);
      text.remove_prefix(DecodeUtf8(text, 0).length);
    }
  }
  return out;
}

}  // namespace podium
