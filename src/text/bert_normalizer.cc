// BertNormalizer: cleaning, spaces around ideographs, accents off, lower case.
#include <algorithm>
#include <array>
#include <vector>

#include "base/utf8.h"
#include "text/canonical.h"
#include "text/normalizer.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

constexpr size_t kAsciiCount = 128;

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options) : options_(options) {
    for (size_t c = 0; c < kAsciiCount; ++c) {
      const auto character = static_cast<char32_t>(c);
      char& to = ascii_[c];
      to = static_cast<char>(c);
      if (options.clean_text) {
        if (IsBertControl(character)) {
          dropped_[c] = true;
        } else if (IsWhitespace(character)) {
          to = ' ';
        }
      }
      if (options.lowercase && to >= 'A' && to <= 'Z') {
        to = static_cast<char>(to - 'A' + 'a');
      }
    }
  }

  void Normalize(AlignedText& text) const override {
    const std::string_view bytes = text.bytes();
    text.StartRewrite();
    for (size_t at = 0; at < bytes.size();) {
      const size_t run = AsciiRun(bytes, at);
      if (run > at) {
        char* const to = text.Reshape(at, run);
        for (size_t i = at; i < run; ++i) {
          to[i - at] = ascii_[static_cast<unsigned char>(bytes[i])];
        }
        at = run;
        continue;
      }
      const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
      if (!PutCharacter(decoded.code_point, text.OriginAt(at), text)) {
        NormalizeByPasses(text);
        return;
      }
      at += decoded.length;
    }
    text.FinishRewrite();
  }

 private:
  // End of the run of kept ASCII that starts at `at`.
  size_t AsciiRun(std::string_view bytes, size_t at) const {
    while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) < kAsciiCount &&
           !dropped_[static_cast<unsigned char>(bytes[at])]) {
      ++at;
    }
    return at;
  }

  // All steps for one character. False if it cannot be done without its neighbours.
  bool PutCharacter(char32_t c, ByteRange origin, AlignedText& text) const {
    if (options_.clean_text) {
      if (IsBertControl(c)) {
        return true;
      }
      if (IsWhitespace(c)) {
        text.PutCodePoint(' ', origin);
        return true;
      }
    }
    const bool ideograph = options_.handle_chinese_chars && IsBertIdeograph(c);
    if (ideograph) {
      text.PutCodePoint(' ', origin);
    }
    Decomposition parts;
    parts[0] = c;
    const size_t count = options_.strip_accents ? Decompose(c, false, parts) : 1;
    for (size_t i = 0; i < count; ++i) {
      if (options_.strip_accents) {
        if (IsBertAccent(parts[i])) {
          continue;
        }
        if (CombiningClass(parts[i]) != 0) {
          return false;  // a mark that stays may trade places with others
        }
      }
      PutLowerCase(parts[i], origin, text);
    }
    if (ideograph) {
      text.PutCodePoint(' ', origin);
    }
    return true;
  }

  void PutLowerCase(char32_t c, ByteRange origin, AlignedText& text) const {
    std::array<char32_t, 2> lower = {c, 0};
    const size_t count = options_.lowercase ? LowerCase(c, lower) : 1;
    for (size_t i = 0; i < count; ++i) {
      text.PutCodePoint(lower[i], origin);
    }
  }

  // The same, step by step over the whole text.
  void NormalizeByPasses(AlignedText& text) const {
    BertNormalizerOptions first = options_;
    first.strip_accents = false;
    first.lowercase = false;
    BertNormalizer(first).Normalize(text);
    NormalizeCanonically(CanonicalForm::kNfd, text);
    text.StartRewrite();
    const std::string_view bytes = text.bytes();
    for (size_t at = 0; at < bytes.size();) {
      const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
      if (!IsBertAccent(decoded.code_point)) {
        PutLowerCase(decoded.code_point, text.OriginAt(at), text);
      }
      at += decoded.length;
    }
    text.FinishRewrite();
  }

  BertNormalizerOptions options_;
  std::array<char, kAsciiCount> ascii_{};
  std::array<bool, kAsciiCount> dropped_{};
};

}  // namespace

std::unique_ptr<const Normalizer> NewBertNormalizer(const BertNormalizerOptions& options) {
  return std::make_unique<BertNormalizer>(options);
}

}  // namespace podium::text
