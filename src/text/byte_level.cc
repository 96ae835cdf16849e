#include "text/byte_level.h"

#include <array>
#include <utility>

#include "base/utf8.h"
#include "text/scanner.h"

namespace podium::text {
namespace {

constexpr size_t kByteCount = 256;
constexpr char32_t kFirstSubstitute = 0x100;

struct Alphabet {
  std::array<std::string, kByteCount> characters;
  std::array<int, 0x144> bytes{};  // by code point; -1: stands for no byte
};

Alphabet BuildAlphabet() {
  Alphabet alphabet;
  alphabet.bytes.fill(-1);
  char32_t substitute = kFirstSubstitute;
  for (size_t byte = 0; byte < kByteCount; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    const char32_t c = printable ? static_cast<char32_t>(byte) : substitute++;
    AppendUtf8(c, alphabet.characters[byte]);
    alphabet.bytes[c] = static_cast<int>(byte);
  }
  return alphabet;
}

const Alphabet& TheAlphabet() {
  static const Alphabet alphabet = BuildAlphabet();
  return alphabet;
}

// Writes the characters for bytes [range.begin, range.end) within a rewrite.
void PutCharacters(ByteRange range, AlignedText& text) {
  const std::string_view bytes = text.bytes();
  for (uint32_t at = range.begin; at < range.end; ++at) {
    text.Put(ByteLevelCharacter(static_cast<unsigned char>(bytes[at])), text.OriginAt(at));
  }
}

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(const ByteLevelOptions& options)
      : options_(options), scanner_(*Scanner::ForPattern(kGpt2Pattern)) {}

  void Cut(CutText& text) const override {
    if (options_.add_prefix_space) {
      AddPrefixes(text);
    }
    if (options_.use_regex) {
      text.cut.clear();
      for (const ByteRange piece : text.pieces) {
        scanner_.Cut(text.text.bytes(), piece, text.cut);
      }
      text.pieces.swap(text.cut);
    }
    if (options_.write_characters) {
      text.text.StartRewrite();
      for (ByteRange& piece : text.pieces) {
        const auto begin = static_cast<uint32_t>(text.text.rewritten_size());
        PutCharacters(piece, text.text);
        piece = {begin, static_cast<uint32_t>(text.text.rewritten_size())};
      }
      text.text.FinishRewrite();
    }
  }

 private:
  static void AddPrefixes(CutText& text) {
    const std::string_view bytes = text.text.bytes();
    const auto needs = [&](const ByteRange& piece) { return bytes[piece.begin] != ' '; };
    bool any = false;
    for (const ByteRange& piece : text.pieces) {
      any = any || needs(piece);
    }
    if (!any) {
      return;
    }
    text.text.StartRewrite();
    for (ByteRange& piece : text.pieces) {
      const auto begin = static_cast<uint32_t>(text.text.rewritten_size());
      if (needs(piece)) {
        text.text.Put(" ", text.text.OriginAt(piece.begin));
      }
      text.text.Keep(piece.begin, piece.end);
      piece = {begin, static_cast<uint32_t>(text.text.rewritten_size())};
    }
    text.text.FinishRewrite();
  }

  ByteLevelOptions options_;
  Scanner scanner_;
};

class ByteLevelNormalizer : public Normalizer {
 public:
  void Normalize(AlignedText& text) const override {
    text.StartRewrite();
    PutCharacters({0, static_cast<uint32_t>(text.size())}, text);
    text.FinishRewrite();
  }
};

}  // namespace

std::string_view ByteLevelCharacter(unsigned char byte) {
  return TheAlphabet().characters[byte];
}

std::optional<std::string> DecodeByteLevel(std::string_view token) {
  const Alphabet& alphabet = TheAlphabet();
  std::string bytes;
  for (size_t at = 0; at < token.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(token, at);
    at += decoded.length;
    if (!decoded.valid || decoded.code_point >= alphabet.bytes.size() ||
        alphabet.bytes[decoded.code_point] < 0) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(alphabet.bytes[decoded.code_point]));
  }
  return bytes;
}

std::unique_ptr<const PreTokenizer> NewByteLevel(const ByteLevelOptions& options) {
  return std::make_unique<ByteLevel>(options);
}

std::unique_ptr<const Normalizer> NewByteLevelNormalizer() {
  return std::make_unique<ByteLevelNormalizer>();
}

}  // namespace podium::text
