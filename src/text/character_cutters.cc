#include "text/character_cutters.h"

#include <array>
#include <string_view>

#include "base/utf8.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

constexpr size_t kAsciiCount = 128;

// What a cutter does at a character.
enum class Action : uint8_t {
  kWord,    // goes on with a word (starts one if none is open)
  kOther,   // the same for words of another kind: the two never join
  kDrop,    // ends the word and belongs to none
  kSingle,  // a word of its own
};

// Cuts text by the actions of its characters, which `Act` (a function of the character) names.
template <typename Act>
class CharacterCutter : public PreTokenizer {
 public:
  explicit CharacterCutter(Act act) : act_(act) {
    for (size_t c = 0; c < kAsciiCount; ++c) {
      ascii_[c] = act_(static_cast<char32_t>(c));
    }
  }

  void Cut(CutText& text) const override {
    text.cut.clear();
    const std::string_view bytes = text.text.bytes();
    for (const ByteRange piece : text.pieces) {
      CutPiece(bytes, piece, text.cut);
    }
    text.pieces.swap(text.cut);
  }

 private:
  void CutPiece(std::string_view bytes, ByteRange piece, std::vector<ByteRange>& out) const {
    uint32_t begin = piece.begin;
    Action open = Action::kWord;  // the kind of the word that starts at begin
    for (uint32_t at = piece.begin; at < piece.end;) {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      uint32_t next = at + 1;
      Action action = Action::kWord;
      if (byte < kAsciiCount) {
        action = ascii_[byte];
      } else {
        const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
        next = at + decoded.length;
        action = act_(decoded.code_point);
      }
      if (action != open) {
        if (begin < at) {
          out.push_back({begin, at});
        }
        begin = at;
        open = action;
      }
      if (action == Action::kSingle) {
        out.push_back({at, next});
      }
      if (action == Action::kSingle || action == Action::kDrop) {
        begin = next;
      }
      at = next;
    }
    if (begin < piece.end) {
      out.push_back({begin, piece.end});
    }
  }

  Act act_;
  std::array<Action, kAsciiCount> ascii_{};
};

template <typename Act>
std::unique_ptr<const PreTokenizer> NewCutter(Act act) {
  return std::make_unique<CharacterCutter<Act>>(act);
}

// Cuts at punctuation with a behavior that is more than an action per character.
class Punctuation : public PreTokenizer {
 public:
  explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}

  void Cut(CutText& text) const override {
    text.cut.clear();
    const std::string_view bytes = text.text.bytes();
    for (const ByteRange piece : text.pieces) {
      text.matches.clear();
      uint32_t covered = piece.begin;
      for (uint32_t at = piece.begin; at < piece.end;) {
        const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
        const uint32_t next = at + decoded.length;
        if (IsBertPunctuation(decoded.code_point)) {
          if (covered < at) {
            text.matches.push_back({covered, at, false});
          }
          text.matches.push_back({at, next, true});
          covered = next;
        }
        at = next;
      }
      if (covered < piece.end) {
        text.matches.push_back({covered, piece.end, false});
      }
      ApplySplit(text.matches, behavior_, text.cut);
    }
    text.pieces.swap(text.cut);
  }

 private:
  SplitBehavior behavior_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> NewBertPreTokenizer() {
  return NewCutter([](char32_t c) {
    return IsWhitespace(c) ? Action::kDrop : IsBertPunctuation(c) ? Action::kSingle : Action::kWord;
  });
}

std::unique_ptr<const PreTokenizer> NewWhitespace() {
  return NewCutter([](char32_t c) {
    return IsWhitespace(c) ? Action::kDrop : IsWordCharacter(c) ? Action::kWord : Action::kOther;
  });
}

std::unique_ptr<const PreTokenizer> NewWhitespaceSplit() {
  return NewCutter([](char32_t c) { return IsWhitespace(c) ? Action::kDrop : Action::kWord; });
}

std::unique_ptr<const PreTokenizer> NewPunctuation(SplitBehavior behavior) {
  return std::make_unique<Punctuation>(behavior);
}

std::unique_ptr<const PreTokenizer> NewDigits(bool individual) {
  const Action digit = individual ? Action::kSingle : Action::kOther;
  return NewCutter([digit](char32_t c) { return IsRustNumeric(c) ? digit : Action::kWord; });
}

std::unique_ptr<const PreTokenizer> NewCharDelimiterSplit(char32_t delimiter) {
  return NewCutter(
      [delimiter](char32_t c) { return c == delimiter ? Action::kDrop : Action::kWord; });
}

}  // namespace podium::text
