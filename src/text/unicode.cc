#include "text/unicode.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include <utf8proc.h>

#include "text/unicode_differences.h"

namespace podium::text {
namespace {

constexpr uint16_t kNoDecomposition = 0xFFFF;

const utf8proc_property_t* Property(char32_t c) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
}

utf8proc_category_t Category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

template <size_t N>
bool In(const CodePointRange (&ranges)[N], char32_t c) {
  const auto* const found =
      std::lower_bound(std::begin(ranges), std::end(ranges), c,
                       [](const CodePointRange& range, char32_t at) { return range.last < at; });
  return found != std::end(ranges) && found->first <= c;
}

bool IsAsciiPunctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

// A composite of Unicode 13 that the reference neither decomposes nor composes.
constexpr char32_t kNotYetDecomposed = 0x11938;

constexpr char32_t kHangulBase = 0xAC00;
constexpr char32_t kHangulLeads = 0x1100;
constexpr char32_t kHangulVowels = 0x1161;
constexpr char32_t kHangulTrails = 0x11A7;
constexpr char32_t kHangulLeadCount = 19;
constexpr char32_t kHangulVowelCount = 21;
constexpr char32_t kHangulTrailCount = 28;
constexpr char32_t kHangulCount = kHangulLeadCount * kHangulVowelCount * kHangulTrailCount;

char32_t ComposeHangul(char32_t first, char32_t second) {
  const char32_t lead = first - kHangulLeads;
  const char32_t vowel = second - kHangulVowels;
  if (lead < kHangulLeadCount && vowel < kHangulVowelCount) {
    return kHangulBase + (lead * kHangulVowelCount + vowel) * kHangulTrailCount;
  }
  const char32_t syllable = first - kHangulBase;
  const char32_t trail = second - kHangulTrails;
  if (syllable < kHangulCount && syllable % kHangulTrailCount == 0 && trail > 0 &&
      trail < kHangulTrailCount) {
    return first + trail;
  }
  return 0;
}

struct CompositionTable {
  std::unordered_map<uint64_t, char32_t> composites;  // by PairKey
  std::vector<bool> second;                           // characters that end a pair
};

uint64_t PairKey(char32_t first, char32_t second) {
  return (uint64_t{first} << 32) | second;
}

// Primary composites by the pair they are made of. utf8proc gives full decompositions only; the
// second character of a pair never decomposes further, so what precedes it composes to the first.
CompositionTable BuildCompositions() {
  CompositionTable table;
  std::array<char32_t, kMaxDecomposition> parts{};
  const auto add = [&](char32_t c, size_t wanted) {
    const utf8proc_property_t* const property = Property(c);
    if (property->decomp_seqindex == kNoDecomposition || property->decomp_type != 0 ||
        property->comp_exclusion || property->combining_class != 0 ||
        Decompose(c, false, parts) != wanted) {
      return;
    }
    char32_t first = parts[0];
    for (size_t i = 1; i + 1 < wanted && first != 0; ++i) {
      const auto found = table.composites.find(PairKey(first, parts[i]));
      first = found == table.composites.end() ? 0 : found->second;
    }
    if (first != 0 && CombiningClass(first) == 0) {
      const char32_t second = parts[wanted - 1];
      table.composites.emplace(PairKey(first, second), c);
      table.second.resize(std::max<size_t>(table.second.size(), second + 1));
      table.second[second] = true;
    }
  };
  constexpr char32_t kEnd = 0x30000;  // no composites above the CJK compatibility supplement
  constexpr size_t kLongest = 4;      // characters in the longest canonical decomposition
  for (size_t length = 2; length <= kLongest; ++length) {
    for (char32_t c = 0xC0; c < kEnd; ++c) {
      if (c < kHangulBase || c >= kHangulBase + kHangulCount) {
        add(c, length);
      }
    }
  }
  return table;
}

const CompositionTable& Compositions() {
  static const CompositionTable table = BuildCompositions();
  return table;
}

// True if the decomposition of the character composes to it again.
bool IsPrimaryComposite(char32_t c, bool compatibility) {
  Decomposition parts;
  const size_t count = Decompose(c, compatibility, parts);
  char32_t composed = parts[0];
  for (size_t i = 1; i < count && composed != 0; ++i) {
    composed = Compose(composed, parts[i]);
  }
  return composed == c;
}

}  // namespace

bool IsWhitespace(char32_t c) {
  if (c < 0x80) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool IsLetter(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category == UTF8PROC_CATEGORY_CN && In(kNewLetters, c));
}

bool IsNumber(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
         (category == UTF8PROC_CATEGORY_CN && In(kNewNumbers, c));
}

bool IsRustNumeric(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
         (category == UTF8PROC_CATEGORY_CN && In(kNewDigits, c));
}

bool IsMark(char32_t c) {
  if (c == 0x1CF2 || c == 0x1CF3) {
    return true;  // letters by now
  }
  const utf8proc_category_t category = Category(c);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME &&
         !In(kNotYetMarks, c);
}

bool IsWordCharacter(char32_t c) {
  // Symbols with the property Other_Alphabetic: circled, squared and parenthesised letters.
  static constexpr CodePointRange kAlphabeticSymbols[] = {
      {0x24B6, 0x24E9}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
  const utf8proc_category_t category = Category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) ||
         category == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D ||
         (category == UTF8PROC_CATEGORY_SO && In(kAlphabeticSymbols, c)) ||
         (category == UTF8PROC_CATEGORY_CN && In(kNewWordCharacters, c));
}

bool IsBertPunctuation(char32_t c) {
  if (c < 0x80) {
    return IsAsciiPunctuation(c);
  }
  if (c == 0x166D || c == 0x111C9) {
    return true;  // a symbol and a mark by now
  }
  const utf8proc_category_t category = Category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO &&
         !In(kNotYetPunctuation, c);
}

bool IsBertControl(char32_t c) {
  if (c < 0x80) {
    return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  }
  const utf8proc_category_t category = Category(c);
  return c == 0xFFFD || category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CO ||
         (category == UTF8PROC_CATEGORY_CF && !In(kNotYetControl, c));
}

bool IsBertAccent(char32_t c) {
  if (c == 0x1734) {
    return true;  // a spacing mark by now
  }
  return Category(c) == UTF8PROC_CATEGORY_MN && !In(kNotYetAccents, c);
}

bool IsBertIdeograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

uint8_t CombiningClass(char32_t c) {
  return static_cast<uint8_t>(Property(c)->combining_class);
}

size_t Decompose(char32_t c, bool compatibility, Decomposition& out) {
  if (c == kNotYetDecomposed || (compatibility && In(kNotYetCompatible, c))) {
    out[0] = c;
    return 1;
  }
  std::array<utf8proc_int32_t, kMaxDecomposition> parts{};
  int boundary = 0;
  const int options = UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0);
  const utf8proc_ssize_t count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(), parts.size(),
                              static_cast<utf8proc_option_t>(options), &boundary);
  if (count < 1 || static_cast<size_t>(count) > parts.size()) {
    out[0] = c;
    return 1;
  }
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    out[i] = static_cast<char32_t>(parts[i]);
  }
  return static_cast<size_t>(count);
}

char32_t Compose(char32_t first, char32_t second) {
  if (const char32_t syllable = ComposeHangul(first, second); syllable != 0) {
    return syllable;
  }
  const auto& composites = Compositions().composites;
  const auto found = composites.find(PairKey(first, second));
  return found == composites.end() ? 0 : found->second;
}

bool IsInert(char32_t c, bool compatibility, bool compose) {
  constexpr char32_t kFirstMark = 0x300;
  if (c < 0x80 || (compose && !compatibility && c < kFirstMark)) {
    return true;
  }
  const utf8proc_property_t* const property = Property(c);
  if (property->combining_class != 0) {
    return false;
  }
  if (c >= kHangulBase && c < kHangulBase + kHangulCount) {
    return compose;
  }
  const bool decomposes =
      property->decomp_seqindex != kNoDecomposition &&
      (compatibility ? !In(kNotYetCompatible, c) : property->decomp_type == 0) &&
      c != kNotYetDecomposed;
  if (!compose) {
    return !decomposes;
  }
  if (decomposes) {
    return property->decomp_type == 0 && IsPrimaryComposite(c, compatibility);
  }
  const bool hangul_part = (c >= kHangulVowels && c < kHangulVowels + kHangulVowelCount) ||
                           (c > kHangulTrails && c < kHangulTrails + kHangulTrailCount);
  const std::vector<bool>& second = Compositions().second;
  return !hangul_part && !(c < second.size() && second[c]);
}

size_t LowerCase(char32_t c, std::array<char32_t, 2>& out) {
  if (c == 0x130) {
    out = {'i', 0x307};
    return 2;
  }
  out[0] = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  if (out[0] == c && c >= kNewLowerCase[0].first) {
    for (const LowerCaseRange& range : kNewLowerCase) {
      if (c >= range.first && c <= range.last) {
        out[0] = static_cast<char32_t>(static_cast<int64_t>(c) + range.distance);
      }
    }
  }
  return 1;
}

bool IsGraphemeBreak(char32_t left, char32_t right, int32_t& state) {
  return utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(left),
                                          static_cast<utf8proc_int32_t>(right), &state);
}

}  // namespace podium::text
