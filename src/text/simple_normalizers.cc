#include "text/simple_normalizers.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

class Canonical : public Normalizer {
 public:
  explicit Canonical(CanonicalForm form) : form_(form) {}
  void Normalize(AlignedText& text) const override { NormalizeCanonically(form_, text); }

 private:
  CanonicalForm form_;
};

// Puts another character, or none, for each that `Map` (a function of the character, giving 0 for
// "drop") changes.
template <typename Map>
class CharacterMapper : public Normalizer {
 public:
  explicit CharacterMapper(Map map) : map_(map) {}

  void Normalize(AlignedText& text) const override {
    const std::string_view bytes = text.bytes();
    size_t kept = 0;
    bool rewriting = false;
    for (size_t at = 0; at < bytes.size();) {
      const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
      const std::optional<char32_t> to = map_(decoded.code_point);
      if (to != decoded.code_point) {
        if (!rewriting) {
          text.StartRewrite();
          rewriting = true;
        }
        text.Keep(kept, at);
        if (to) {
          text.PutCodePoint(*to, text.OriginAt(at));
        }
        kept = at + decoded.length;
      }
      at += decoded.length;
    }
    if (rewriting) {
      text.Keep(kept, bytes.size());
      text.FinishRewrite();
    }
  }

 private:
  Map map_;
};

template <typename Map>
std::unique_ptr<const Normalizer> NewMapper(Map map) {
  return std::make_unique<CharacterMapper<Map>>(map);
}

class Lowercase : public Normalizer {
 public:
  void Normalize(AlignedText& text) const override {
    const std::string_view bytes = text.bytes();
    text.StartRewrite();
    for (size_t at = 0; at < bytes.size();) {
      size_t end = at;
      while (end < bytes.size() && static_cast<unsigned char>(bytes[end]) < 0x80) {
        ++end;
      }
      char* const to = text.Reshape(at, end);
      for (size_t i = at; i < end; ++i) {
        const char c = bytes[i];
        to[i - at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
      at = end;
      if (at < bytes.size()) {
        const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
        std::array<char32_t, 2> lower{};
        const size_t count = LowerCase(decoded.code_point, lower);
        for (size_t i = 0; i < count; ++i) {
          text.PutCodePoint(lower[i], text.OriginAt(at));
        }
        at += decoded.length;
      }
    }
    text.FinishRewrite();
  }
};

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}

  void Normalize(AlignedText& text) const override {
    const std::string_view bytes = text.bytes();
    size_t begin = 0;
    while (left_ && begin < bytes.size()) {
      const DecodedCodePoint decoded = DecodeUtf8(bytes, begin);
      if (!IsWhitespace(decoded.code_point)) {
        break;
      }
      begin += decoded.length;
    }
    size_t end = bytes.size();
    while (right_ && end > begin) {
      size_t last = end - 1;
      while (last > begin && (static_cast<unsigned char>(bytes[last]) & 0xC0) == 0x80) {
        --last;
      }
      if (!IsWhitespace(DecodeUtf8(bytes, last).code_point)) {
        break;
      }
      end = last;
    }
    if (begin > 0 || end < bytes.size()) {
      text.StartRewrite();
      text.Keep(begin, end);
      text.FinishRewrite();
    }
  }

 private:
  bool left_;
  bool right_;
};

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}

  void Normalize(AlignedText& text) const override {
    if (text.empty()) {
      return;
    }
    text.StartRewrite();
    text.Put(prefix_, text.OriginAt(0));
    text.Keep(0, text.size());
    text.FinishRewrite();
  }

 private:
  std::string prefix_;
};

class Replace : public Normalizer {
 public:
  Replace(Regex pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  void Normalize(AlignedText& text) const override {
    std::vector<Match> stretches;
    pattern_.FindAll(text.bytes(), {0, static_cast<uint32_t>(text.size())}, stretches);
    if (stretches.empty() || (stretches.size() == 1 && !stretches[0].matched)) {
      return;
    }
    text.StartRewrite();
    for (const Match& stretch : stretches) {
      if (!stretch.matched) {
        text.Keep(stretch.begin, stretch.end);
        continue;
      }
      // The content belongs to the last character replaced; before anything, to nothing.
      const ByteRange nothing = {text.base(), text.base()};
      text.Put(content_, stretch.end > 0 ? text.OriginAt(stretch.end - 1) : nothing);
    }
    text.FinishRewrite();
  }

 private:
  Regex pattern_;
  std::string content_;
};

class Sequence : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<const Normalizer>> steps)
      : steps_(std::move(steps)) {}

  void Normalize(AlignedText& text) const override {
    for (const auto& step : steps_) {
      step->Normalize(text);
    }
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> steps_;
};

std::optional<char32_t> MapNmt(char32_t c) {
  const bool control = (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
                       c == 0x8F || c == 0x9F;
  if (control) {
    return std::nullopt;
  }
  const bool space = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                     (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                     c == 0xFEFF || c == 0xFFFD;
  return space ? U' ' : c;
}

}  // namespace

std::unique_ptr<const Normalizer> NewCanonicalNormalizer(CanonicalForm form) {
  return std::make_unique<Canonical>(form);
}

std::unique_ptr<const Normalizer> NewLowercase() {
  return std::make_unique<Lowercase>();
}

std::unique_ptr<const Normalizer> NewStripAccents() {
  return NewMapper([](char32_t c) { return IsMark(c) ? std::optional<char32_t>() : c; });
}

std::unique_ptr<const Normalizer> NewStrip(bool left, bool right) {
  return std::make_unique<Strip>(left, right);
}

std::unique_ptr<const Normalizer> NewNmt() {
  return NewMapper(&MapNmt);
}

std::unique_ptr<const Normalizer> NewPrepend(std::string prefix) {
  return std::make_unique<Prepend>(std::move(prefix));
}

std::unique_ptr<const Normalizer> NewReplace(Regex pattern, std::string content) {
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}

std::unique_ptr<const Normalizer> NewNormalizerSequence(
    std::vector<std::unique_ptr<const Normalizer>> steps) {
  return std::make_unique<Sequence>(std::move(steps));
}

}  // namespace podium::text
