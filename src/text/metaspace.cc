#include "text/metaspace.h"

#include <string_view>
#include <utility>

namespace podium::text {
namespace {

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceOptions options) : options_(std::move(options)) {}

  void Cut(CutText& text) const override {
    text.cut.clear();
    text.text.StartRewrite();
    for (const ByteRange piece : text.pieces) {
      CutPiece(piece, text.text, text.cut);
    }
    text.text.FinishRewrite();
    text.pieces.swap(text.cut);
  }

 private:
  void CutPiece(ByteRange piece, AlignedText& text, std::vector<ByteRange>& out) const {
    const std::string_view bytes = text.bytes().substr(0, piece.end);
    const std::string_view replacement = options_.replacement;
    auto begin = static_cast<uint32_t>(text.rewritten_size());
    const auto end_word = [&] {
      const auto end = static_cast<uint32_t>(text.rewritten_size());
      if (options_.split && begin < end) {
        out.push_back({begin, end});
        begin = end;
      }
    };
    const ByteRange first = text.OriginAt(piece.begin);
    const bool wanted = options_.prepend == PrependScheme::kAlways ||
                        (options_.prepend == PrependScheme::kFirst && first.begin == 0);
    if (wanted && bytes[piece.begin] != ' ' &&
        !bytes.substr(piece.begin).starts_with(replacement)) {
      text.Put(replacement, first);
    }
    for (size_t at = piece.begin; at < piece.end;) {
      const size_t stop = FindDelimiter(bytes, at);
      text.Keep(at, stop);
      if (stop == piece.end) {
        break;
      }
      end_word();
      if (bytes[stop] == ' ') {
        text.Put(replacement, text.OriginAt(stop));
        at = stop + 1;
      } else {
        text.Keep(stop, stop + replacement.size());
        at = stop + replacement.size();
      }
    }
    const auto end = static_cast<uint32_t>(text.rewritten_size());
    if (begin < end) {
      out.push_back({begin, end});
    }
  }

  // The next space or replacement at or after `at`; the end if there is none.
  size_t FindDelimiter(std::string_view bytes, size_t at) const {
    const char lead = options_.replacement.front();
    for (; at < bytes.size(); ++at) {
      if (bytes[at] == ' ' ||
          (bytes[at] == lead && bytes.substr(at).starts_with(options_.replacement))) {
        break;
      }
    }
    return at;
  }

  MetaspaceOptions options_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> NewMetaspace(MetaspaceOptions options) {
  return std::make_unique<Metaspace>(std::move(options));
}

}  // namespace podium::text
