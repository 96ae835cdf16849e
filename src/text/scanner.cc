#include "text/scanner.h"

#include <array>

#include "base/utf8.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

enum class Class : uint8_t { kLetter, kNumber, kNewline, kSpace, kOther };

Class Classify(char32_t c) {
  if (IsWhitespace(c)) {
    return c == '\r' || c == '\n' ? Class::kNewline : Class::kSpace;
  }
  return IsLetter(c) ? Class::kLetter : IsNumber(c) ? Class::kNumber : Class::kOther;
}

std::array<Class, 128> BuildAscii() {
  std::array<Class, 128> classes{};
  for (size_t c = 0; c < classes.size(); ++c) {
    classes[c] = Classify(static_cast<char32_t>(c));
  }
  return classes;
}

const std::array<Class, 128> ascii_classes = BuildAscii();

bool IsSpace(Class kind) {
  return kind == Class::kSpace || kind == Class::kNewline;
}

// A text up to where it is out of sight.
class View {
 public:
  View(std::string_view text, uint32_t end) : text_(text.substr(0, end)) {}

  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }
  bool Is(uint32_t at, char c) const { return at < text_.size() && text_[at] == c; }

  // The class of the character at `at` and where it ends. REQUIRES: at < size()
  Class ClassAt(uint32_t at, uint32_t& next) const {
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) {
      next = at + 1;
      return ascii_classes[byte];
    }
    const DecodedCodePoint decoded = DecodeUtf8(text_, at);
    next = at + decoded.length;
    return Classify(decoded.code_point);
  }

  uint32_t SkipWhile(uint32_t at, Class kind) const {
    uint32_t next = at;
    while (at < size() && ClassAt(at, next) == kind) {
      at = next;
    }
    return at;
  }

  // End of 's, 't, 're, 've, 'm, 'll, 'd at an apostrophe; `at` itself if none is there.
  uint32_t SkipContraction(uint32_t at, bool ignore_case) const {
    const auto letter = [&](uint32_t place) -> char {
      if (place >= size()) {
        return '\0';
      }
      const char c = text_[place];
      return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const char first = letter(at + 1);
    const char second = letter(at + 2);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return at + 2;
    }
    if (((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l')) {
      return at + 3;
    }
    // U+017F, the long s, is an s to a pattern that ignores case.
    if (ignore_case && text_.substr(at + 1).starts_with("\xC5\xBF")) {
      return at + 3;
    }
    return at;
  }

  // A run of whitespace from `at`: where it ends, where its last character begins, and where the
  // last newline in it ends (0 if there is none).
  struct Spaces {
    uint32_t end = 0;
    uint32_t last = 0;
    uint32_t newline_end = 0;
  };
  Spaces SpacesAt(uint32_t at) const {
    Spaces spaces = {at, at, 0};
    uint32_t next = at;
    while (spaces.end < size()) {
      const Class kind = ClassAt(spaces.end, next);
      if (!IsSpace(kind)) {
        break;
      }
      spaces.last = spaces.end;
      spaces.end = next;
      if (kind == Class::kNewline) {
        spaces.newline_end = next;
      }
    }
    return spaces;
  }

  // \s+(?!\S)|\s+ : all of the run, but its last character if more text follows.
  uint32_t CutSpaces(uint32_t at, const Spaces& spaces) const {
    return spaces.end == size() || spaces.last == at ? spaces.end : spaces.last;
  }

 private:
  std::string_view text_;
};

uint32_t NextGpt2(const View& text, uint32_t at) {
  if (text.Is(at, '\'')) {
    const uint32_t end = text.SkipContraction(at, false);
    if (end > at) {
      return end;
    }
  }
  uint32_t next = at;
  Class kind = text.ClassAt(at, next);
  if (text.Is(at, ' ') && next < text.size()) {
    uint32_t after = next;
    const Class following = text.ClassAt(next, after);
    if (!IsSpace(following)) {
      kind = following;
      next = after;
    }
  }
  if (IsSpace(kind)) {
    return text.CutSpaces(at, text.SpacesAt(at));
  }
  return text.SkipWhile(next, kind);
}

uint32_t NextCl100k(const View& text, uint32_t at, uint32_t digits) {
  if (text.Is(at, '\'')) {
    const uint32_t end = text.SkipContraction(at, true);
    if (end > at) {
      return end;
    }
  }
  uint32_t next = at;
  const Class kind = text.ClassAt(at, next);
  if (kind == Class::kLetter) {
    return text.SkipWhile(next, Class::kLetter);
  }
  if (kind == Class::kNumber) {
    for (uint32_t i = 1; i < digits && next < text.size(); ++i) {
      uint32_t after = next;
      if (text.ClassAt(next, after) != Class::kNumber) {
        break;
      }
      next = after;
    }
    return next;
  }
  uint32_t after = next;
  const Class following = next < text.size() ? text.ClassAt(next, after) : Class::kNewline;
  if (kind != Class::kNewline && following == Class::kLetter) {
    return text.SkipWhile(after, Class::kLetter);
  }
  if (kind == Class::kOther || (text.Is(at, ' ') && following == Class::kOther)) {
    return text.SkipWhile(text.SkipWhile(next, Class::kOther), Class::kNewline);
  }
  const View::Spaces spaces = text.SpacesAt(at);
  return spaces.newline_end > 0 ? spaces.newline_end : text.CutSpaces(at, spaces);
}

}  // namespace

std::optional<Scanner> Scanner::ForPattern(std::string_view pattern) {
  if (pattern == kGpt2Pattern) {
    return Scanner(Kind::kGpt2, 0);
  }
  if (pattern == kQwen2Pattern) {
    return Scanner(Kind::kCl100k, 1);
  }
  if (pattern == kCl100kPattern) {
    return Scanner(Kind::kCl100k, 3);
  }
  return std::nullopt;
}

void Scanner::Cut(std::string_view text, ByteRange range, std::vector<ByteRange>& out) const {
  const View view(text, range.end);
  for (uint32_t at = range.begin; at < range.end;) {
    const uint32_t end = kind_ == Kind::kGpt2 ? NextGpt2(view, at) : NextCl100k(view, at, digits_);
    out.push_back({at, end});
    at = end;
  }
}

}  // namespace podium::text
