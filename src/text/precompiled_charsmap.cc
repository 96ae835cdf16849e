#include "text/precompiled_charsmap.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "text/transform.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

constexpr size_t kLongestWholeCluster = 5;
constexpr size_t kAsciiCount = 128;

// A unit of the array, laid out as darts-clone does it.
uint32_t UnitLabel(uint32_t unit) {
  return unit & 0x800000FFU;
}
uint32_t UnitOffset(uint32_t unit) {
  return (unit >> 10) << ((unit & 0x200U) >> 6);
}
bool UnitHasLeaf(uint32_t unit) {
  return (unit & 0x100U) != 0;
}
uint32_t UnitValue(uint32_t unit) {
  return unit & 0x7FFFFFFFU;
}

size_t CountCharacters(std::string_view utf8) {
  size_t count = 0;
  for (const char byte : utf8) {
    count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  }
  return count;
}

// Emits characters one behind, since one that drops others may come after the one it is counted to.
class Rewriter {
 public:
  Rewriter(AlignedText& text, size_t at) : text_(text), transform_(text, at) {}

  std::string_view bytes() const { return text_.bytes(); }

  void Push(char32_t c, int64_t change) {
    Flush();
    last_ = {c, change, true};
  }

  // ASCII bytes [begin, end) that stay as they are.
  void PushAscii(size_t begin, size_t end) {
    if (begin == end) {
      return;
    }
    Flush();
    if (transform_.at() == begin) {
      text_.Keep(begin, end - 1);
      transform_.MoveTo(end - 1);
      begin = end - 1;
    }
    for (size_t at = begin; at < end; ++at) {
      Push(static_cast<unsigned char>(bytes()[at]), 0);
    }
  }

  // `count` old characters go with the last one pushed. Before the first, nothing keeps count of
  // them, and all origins that follow drift: the reference does so too.
  void Drop(int64_t count) { last_.change -= count; }

  void Flush() {
    if (last_.held) {
      transform_.Emit(last_.c, last_.change);
    }
    last_ = {};
  }

 private:
  struct Change {
    char32_t c = 0;
    int64_t change = 0;
    bool held = false;
  };

  AlignedText& text_;
  Transform transform_;
  Change last_;
};

class Precompiled : public Normalizer {
 public:
  explicit Precompiled(CharsMap map) : map_(std::move(map)) {
    for (size_t c = 0; c < kAsciiCount; ++c) {
      const char byte = static_cast<char>(c);
      plain_[c] = !map_.Find({&byte, 1}) && c != '\r';
    }
  }

  void Normalize(AlignedText& text) const override {
    const std::string_view bytes = text.bytes();
    size_t at = PlainRun(bytes, 0);
    if (at == bytes.size()) {
      return;
    }
    text.StartRewrite();
    Rewriter out(text, 0);
    out.PushAscii(0, at);
    while (at < bytes.size()) {
      const size_t end = ClusterRun(bytes, at);
      RewriteClusters(at, end, out);
      at = PlainRun(bytes, end);
      out.PushAscii(end, at);
    }
    out.Flush();
    text.FinishRewrite();
  }

 private:
  // End of the run of characters from `at` that map to themselves whatever comes next: ASCII that
  // is followed by ASCII or nothing.
  size_t PlainRun(std::string_view bytes, size_t at) const {
    while (at < bytes.size() && IsPlain(bytes[at])) {
      ++at;
    }
    if (at < bytes.size() && at > 0 && static_cast<unsigned char>(bytes[at]) >= kAsciiCount &&
        IsPlain(bytes[at - 1])) {
      --at;  // may be the base of a cluster
    }
    return at;
  }

  bool IsPlain(char byte) const {
    const auto c = static_cast<unsigned char>(byte);
    return c < kAsciiCount && plain_[c];
  }

  // End of the stretch from `at` up to the next plain ASCII followed by plain ASCII.
  size_t ClusterRun(std::string_view bytes, size_t at) const {
    ++at;
    while (at < bytes.size() &&
           !(IsPlain(bytes[at]) && (at + 1 == bytes.size() || IsPlain(bytes[at + 1])))) {
      ++at;
    }
    return at;
  }

  void RewriteClusters(size_t begin, size_t end, Rewriter& out) const {
    const std::string_view bytes = out.bytes();
    for (size_t at = begin; at < end;) {
      DecodedCodePoint left = DecodeUtf8(bytes, at);
      size_t next = at + left.length;
      int32_t state = 0;
      while (next < end) {
        const DecodedCodePoint right = DecodeUtf8(bytes, next);
        if (IsGraphemeBreak(left.code_point, right.code_point, state)) {
          break;
        }
        left = right;
        next += right.length;
      }
      RewriteCluster(bytes.substr(at, next - at), out);
      at = next;
    }
  }

  void RewriteCluster(std::string_view cluster, Rewriter& out) const {
    if (cluster.size() <= kLongestWholeCluster && Replace(cluster, out)) {
      return;
    }
    for (size_t at = 0; at < cluster.size();) {
      const DecodedCodePoint decoded = DecodeUtf8(cluster, at);
      if (!Replace(cluster.substr(at, decoded.length), out)) {
        out.Push(decoded.code_point, 0);
      }
      at += decoded.length;
    }
  }

  // Puts the replacement of `part`, if it has one: characters beyond those replaced are new.
  bool Replace(std::string_view part, Rewriter& out) const {
    const std::optional<std::string_view> to = map_.Find(part);
    if (!to) {
      return false;
    }
    const auto old_count = static_cast<int64_t>(CountCharacters(part));
    int64_t new_count = 0;
    for (size_t at = 0; at < to->size();) {
      const DecodedCodePoint decoded = DecodeUtf8(*to, at);
      ++new_count;
      out.Push(decoded.code_point, new_count > old_count ? 1 : 0);
      at += decoded.length;
    }
    if (new_count < old_count) {
      out.Drop(old_count - new_count);
    }
    return true;
  }

  CharsMap map_;
  std::array<bool, kAsciiCount> plain_{};  // ASCII that maps to itself
};

}  // namespace

Result<CharsMap> CharsMap::Parse(std::string_view blob, std::string_view where) {
  uint32_t array_bytes = 0;
  if (blob.size() < sizeof(array_bytes)) {
    return DataCorruption(Format("{}: the character map has {} bytes, expected at least {}", where,
                                 blob.size(), sizeof(array_bytes)));
  }
  std::memcpy(&array_bytes, blob.data(), sizeof(array_bytes));
  blob.remove_prefix(sizeof(array_bytes));
  if (array_bytes > blob.size() || array_bytes == 0 || array_bytes % sizeof(uint32_t) != 0) {
    return DataCorruption(
        Format("{}: the character map announces an array of {} bytes, but {} "
               "bytes follow",
               where, array_bytes, blob.size()));
  }
  CharsMap map;
  map.units_.resize(array_bytes / sizeof(uint32_t));
  std::memcpy(map.units_.data(), blob.data(), array_bytes);
  map.replacements_ = blob.substr(array_bytes);
  if (!IsValidUtf8(map.replacements_)) {
    return DataCorruption(Format("{}: the replacements of the character map are not UTF-8", where));
  }
  return map;
}

std::optional<std::string_view> CharsMap::Find(std::string_view text) const {
  size_t node = UnitOffset(units_[0]);
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    node ^= c;
    if (c == 0 || node >= units_.size() || UnitLabel(units_[node]) != c) {
      return std::nullopt;
    }
    const uint32_t unit = units_[node];
    node ^= UnitOffset(unit);
    if (UnitHasLeaf(unit)) {
      if (node >= units_.size()) {
        return std::nullopt;
      }
      const size_t begin = UnitValue(units_[node]);
      if (begin > replacements_.size()) {
        return std::nullopt;
      }
      const std::string_view rest = std::string_view(replacements_).substr(begin);
      return rest.substr(0, rest.find('\0'));
    }
  }
  return std::nullopt;
}

Result<std::string> DecodeBase64(std::string_view text, std::string_view where) {
  const auto error = [&](size_t at) {
    return DataCorruption(Format("{}: not base64 at byte {} of {}", where, at, text.size()));
  };
  if (text.size() % 4 != 0) {
    return error(text.size());
  }
  std::string out;
  out.reserve(text.size() / 4 * 3);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
  }
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t word = 0;
    size_t digits = 0;
    for (; digits < 4; ++digits) {
      const int value = values[static_cast<unsigned char>(text[at + digits])];
      if (value < 0) {
        break;
      }
      word |= static_cast<uint32_t>(value) << (18 - 6 * digits);
    }
    const std::string_view padding = text.substr(at + digits, 4 - digits);
    if (digits < 2 || (digits < 4 && at + 4 != text.size()) ||
        padding.find_first_not_of('=') != std::string_view::npos) {
      return error(at + digits);
    }
    for (size_t i = 0; i + 1 < digits; ++i) {
      out.push_back(static_cast<char>((word >> (16 - 8 * i)) & 0xFF));
    }
  }
  return out;
}

Result<std::unique_ptr<const Normalizer>> NewPrecompiled(std::string_view base64,
                                                         std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string blob, DecodeBase64(base64, where));
  PODIUM_ASSIGN_OR_RETURN(CharsMap map, CharsMap::Parse(blob, where));
  return std::unique_ptr<const Normalizer>(std::make_unique<Precompiled>(std::move(map)));
}

}  // namespace podium::text
