#include "text/pre_tokenizer.h"

#include <array>

#include "base/format.h"
#include "base/utf8.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

// BertPreTokenizer: words between whitespace, each punctuation character a word of its own.
class BertPreTokenizer : public PreTokenizer {
 public:
  BertPreTokenizer() {
    for (size_t c = 0; c < ascii_.size(); ++c) {
      ascii_[c] = Classify(static_cast<char32_t>(c));
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
  enum class Class : uint8_t { kWord, kSpace, kPunctuation };

  static Class Classify(char32_t c) {
    return IsWhitespace(c)        ? Class::kSpace
           : IsBertPunctuation(c) ? Class::kPunctuation
                                  : Class::kWord;
  }

  void CutPiece(std::string_view bytes, ByteRange piece, std::vector<ByteRange>& out) const {
    uint32_t begin = piece.begin;
    for (uint32_t at = piece.begin; at < piece.end;) {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      uint32_t length = 1;
      Class kind = Class::kWord;
      if (byte < ascii_.size()) {
        kind = ascii_[byte];
      } else {
        const DecodedCodePoint decoded = DecodeUtf8(bytes, at);
        length = decoded.length;
        kind = Classify(decoded.code_point);
      }
      if (kind != Class::kWord) {
        if (begin < at) {
          out.push_back({begin, at});
        }
        if (kind == Class::kPunctuation) {
          out.push_back({at, at + length});
        }
        begin = at + length;
      }
      at += length;
    }
    if (begin < piece.end) {
      out.push_back({begin, piece.end});
    }
  }

  std::array<Class, 128> ascii_{};
};

}  // namespace

std::unique_ptr<const PreTokenizer> NewBertPreTokenizer() {
  return std::make_unique<BertPreTokenizer>();
}

bool EndsInByteLevel(io::JsonView /*json*/) {
  return false;
}

Result<std::unique_ptr<const PreTokenizer>> ParsePreTokenizer(io::JsonView json, bool /*byte*/,
                                                              std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type,
                          io::ViewGet<std::string_view>(json, "type", where));
  if (type == "BertPreTokenizer") {
    return NewBertPreTokenizer();
  }
  return Unsupported(Format("{}: pre-tokenizer \"{}\" is not known", where, type));
}

}  // namespace podium::text
