#include "text/word_breaker.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <utf8proc.h>

#include "base/utf8.h"

namespace podium::text {
namespace {

enum class WordClass : uint8_t {
  kBreak,      // ends a word
  kLetter,     // ALetter, Hebrew_Letter and complex-context letters (Thai, Khmer, …)
  kDigit,      // Numeric
  kConnector,  // ExtendNumLet
  kMidLetter,  // joins letters only
  kMidNumber,  // joins digits only
  kMidBoth,    // joins either
  kIgnored,    // Extend and Format: belongs to what precedes it
  kSingle,     // Han and Hiragana: a word of its own
  kKatakana,
};

struct Character {
  WordClass word_class = WordClass::kBreak;
  uint32_t length = 1;
};

constexpr std::array<WordClass, 128> MakeAsciiClasses() {
  std::array<WordClass, 128> classes = {};
  for (size_t c = 'a'; c <= 'z'; ++c) {
    classes[c] = WordClass::kLetter;
    classes[c - 'a' + 'A'] = WordClass::kLetter;
  }
  for (size_t c = '0'; c <= '9'; ++c) {
    classes[c] = WordClass::kDigit;
  }
  classes['_'] = WordClass::kConnector;
  classes['\''] = WordClass::kMidBoth;
  classes['.'] = WordClass::kMidBoth;
  classes[':'] = WordClass::kMidLetter;
  classes[','] = WordClass::kMidNumber;
  classes[';'] = WordClass::kMidNumber;
  return classes;
}

constexpr std::array<WordClass, 128> kAsciiClasses = MakeAsciiClasses();

// Members of the MidLetter, MidNum and MidNumLet classes past ASCII (WordBreakProperty.txt).
WordClass PunctuationClass(char32_t c) {
  switch (c) {
    case 0x00B7:
    case 0x0387:
    case 0x055F:
    case 0x05F4:
    case 0x2027:
    case 0xFE13:
    case 0xFE55:
    case 0xFF1A: return WordClass::kMidLetter;
    case 0x037E:
    case 0x0589:
    case 0x060C:
    case 0x060D:
    case 0x066C:
    case 0x07F8:
    case 0x2044:
    case 0xFE10:
    case 0xFE14:
    case 0xFE50:
    case 0xFE54:
    case 0xFF0C:
    case 0xFF1B: return WordClass::kMidNumber;
    case 0x2018:
    case 0x2019:
    case 0x2024:
    case 0xFE52:
    case 0xFF07:
    case 0xFF0E: return WordClass::kMidBoth;
    default: return WordClass::kBreak;
  }
}

struct Block {
  char32_t first;
  char32_t last;
};

bool IsHiragana(char32_t c) {
  return (c >= 0x3041 && c <= 0x309F) || (c >= 0x1B001 && c <= 0x1B11F) || c == 0x1F200;
}

bool IsKatakana(char32_t c) {
  constexpr Block kBlocks[] = {{0x30A0, 0x30FF}, {0x31F0, 0x31FF}, {0x3031, 0x3035},
                               {0x32D0, 0x32FE}, {0xFF66, 0xFF9F}, {0x1AFF0, 0x1AFFF}};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks),
                     [c](const Block& block) { return c >= block.first && c <= block.last; });
}

bool IsHan(char32_t c) {
  constexpr Block kBlocks[] = {{0x2E80, 0x2FDF},  {0x3005, 0x3007}, {0x3021, 0x3029},
                               {0x3400, 0x4DBF},  {0x4E00, 0x9FFF}, {0xF900, 0xFAFF},
                               {0x20000, 0x3FFFD}};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks),
                     [c](const Block& block) { return c >= block.first && c <= block.last; });
}

WordClass Classify(char32_t c) {
  if (c < 128) {
    return kAsciiClasses[c];
  }
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
      if (IsHan(c) || IsHiragana(c)) {
        return WordClass::kSingle;
      }
      return IsKatakana(c) ? WordClass::kKatakana : WordClass::kLetter;
    case UTF8PROC_CATEGORY_ND: return WordClass::kDigit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return WordClass::kIgnored;
    case UTF8PROC_CATEGORY_CF:
      // The zero-width space separates words, unlike the other format characters.
      return c == 0x200B ? WordClass::kBreak : WordClass::kIgnored;
    case UTF8PROC_CATEGORY_PC: return WordClass::kConnector;
    default: return PunctuationClass(c);
  }
}

Character Look(std::string_view text, size_t position) {
  if (position >= text.size()) {
    return {WordClass::kBreak, 0};
  }
  const auto byte = static_cast<unsigned char>(text[position]);
  if (byte < 128) {
    return {kAsciiClasses[byte], 1};
  }
  const DecodedCodePoint decoded = DecodeUtf8(text, position);
  return {decoded.valid ? Classify(decoded.code_point) : WordClass::kBreak, decoded.length};
}

bool StartsWord(WordClass c) {
  return c == WordClass::kLetter || c == WordClass::kDigit || c == WordClass::kConnector ||
         c == WordClass::kKatakana;
}

// Whether `mid` between `before` and `after` does not break.
bool Joins(WordClass before, WordClass mid, WordClass after) {
  if (before == WordClass::kLetter && after == WordClass::kLetter) {
    return mid == WordClass::kMidLetter || mid == WordClass::kMidBoth;
  }
  if (before == WordClass::kDigit && after == WordClass::kDigit) {
    return mid == WordClass::kMidNumber || mid == WordClass::kMidBoth;
  }
  return false;
}

// Whether a character of class `next` goes on with a word whose last base character is `last`.
bool Continues(WordClass last, WordClass next) {
  if (next == WordClass::kConnector || last == WordClass::kConnector) {
    return StartsWord(next);
  }
  const bool katakana = last == WordClass::kKatakana;
  return katakana ? next == WordClass::kKatakana
                  : (next == WordClass::kLetter || next == WordClass::kDigit);
}

// The end of the marks and format characters that start at `position`.
size_t SkipIgnored(std::string_view text, size_t position) {
  while (true) {
    const Character c = Look(text, position);
    if (c.word_class != WordClass::kIgnored) {
      return position;
    }
    position += c.length;
  }
}

}  // namespace

bool WordBreaker::ScanAny(ByteRange& word) {
  const size_t begin = position_;
  const Character first = Look(text_, begin);
  size_t end = begin + first.length;
  WordClass last = first.word_class;
  bool has_content = last != WordClass::kConnector;
  while (true) {
    const Character next = Look(text_, end);
    if (end + next.length - begin > kMaxWordBytes) {
      break;
    }
    if (next.word_class == WordClass::kIgnored) {
      end += next.length;
    } else if (last != WordClass::kSingle && Continues(last, next.word_class)) {
      end += next.length;
      last = next.word_class;
      has_content = has_content || last != WordClass::kConnector;
    } else {
      const size_t after = SkipIgnored(text_, end + next.length);
      const Character follower = Look(text_, after);
      if (after + follower.length - begin > kMaxWordBytes ||
          !Joins(last, next.word_class, follower.word_class)) {
        break;
      }
      end = after + follower.length;
      last = follower.word_class;
    }
  }
  position_ = end;
  word = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  ascii_ = std::all_of(text_.begin() + static_cast<ptrdiff_t>(begin),
                       text_.begin() + static_cast<ptrdiff_t>(end),
                       [](char c) { return static_cast<unsigned char>(c) < 128; });
  return has_content;
}

// The common case, word for word what ScanAny finds: ASCII letters and digits up to an ASCII
// character that does not join. Leaves position_ alone and returns false where it is not that case.
bool WordBreaker::ScanAscii(ByteRange& word) {
  const size_t limit = std::min(text_.size(), position_ + kMaxWordBytes);
  size_t end = position_;
  unsigned char c = 0;
  while (end < limit) {
    c = static_cast<unsigned char>(text_[end]);
    if (c >= 128 ||
        (kAsciiClasses[c] != WordClass::kLetter && kAsciiClasses[c] != WordClass::kDigit)) {
      break;
    }
    ++end;
  }
  if (end < text_.size()) {
    if (end == limit || c >= 128 || kAsciiClasses[c] == WordClass::kConnector) {
      return false;
    }
    const Character follower = Look(text_, end + 1);
    const auto last = static_cast<unsigned char>(text_[end - 1]);
    if (kAsciiClasses[c] != WordClass::kBreak &&
        (follower.word_class == WordClass::kIgnored ||
         Joins(kAsciiClasses[last], kAsciiClasses[c], follower.word_class))) {
      return false;
    }
  }
  word = {static_cast<uint32_t>(position_), static_cast<uint32_t>(end)};
  position_ = end;
  ascii_ = true;
  return true;
}

bool WordBreaker::Next(ByteRange& word) {
  while (position_ < text_.size()) {
    const Character c = Look(text_, position_);
    if (c.word_class == WordClass::kLetter || c.word_class == WordClass::kDigit) {
      if (ScanAscii(word) || ScanAny(word)) {
        return true;
      }
    } else if (StartsWord(c.word_class) || c.word_class == WordClass::kSingle) {
      if (ScanAny(word)) {
        return true;
      }
    } else {
      position_ += c.length;
    }
  }
  return false;
}

}  // namespace podium::text
