#include "text/aligned_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace podium::text {
namespace {

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

void AlignedText::Assign(std::string_view source, uint32_t base) {
  view_ = source;
  base_ = base;
  identical_ = true;
}

void AlignedText::AssignRepaired(std::string_view source, uint32_t base) {
  Assign(source, base);
  if (IsValidUtf8(source)) {
    return;
  }
  StartRewrite();
  for (size_t at = 0; at < source.size();) {
    const size_t valid = ValidUtf8Prefix(source.substr(at));
    Keep(at, at + valid);
    at += valid;
    if (at < source.size()) {
      const uint32_t length = DecodeUtf8(source, at).length;
      const auto begin = static_cast<uint32_t>(base + at);
      // Not PutCodePoint: three bytes for three bytes would still look identical.
      Materialise(out_.size());
      Put("\xEF\xBF\xBD", {begin, begin + length});
      at += length;
    }
  }
  FinishRewrite();
}

void AlignedText::AssignPart(const AlignedText& whole, size_t begin, size_t end) {
  Assign(whole.view_.substr(begin, end - begin), static_cast<uint32_t>(whole.base_ + begin));
  if (!whole.identical_) {
    identical_ = false;
    base_ = whole.origins_[begin].begin;
    origins_.assign(whole.origins_.begin() + static_cast<ptrdiff_t>(begin),
                    whole.origins_.begin() + static_cast<ptrdiff_t>(end));
  }
}

size_t AlignedText::capacity() const {
  return text_.capacity() + out_.capacity() +
         sizeof(ByteRange) * (origins_.capacity() + out_origins_.capacity());
}

ByteRange AlignedText::OriginAt(size_t at) const {
  if (!identical_) {
    return origins_[at];
  }
  size_t begin = at;
  while (begin > 0 && IsContinuation(view_[begin])) {
    --begin;
  }
  size_t end = at + 1;
  while (end < view_.size() && IsContinuation(view_[end])) {
    ++end;
  }
  return {static_cast<uint32_t>(base_ + begin), static_cast<uint32_t>(base_ + end)};
}

void AlignedText::StartRewrite() {
  out_.clear();
  out_origins_.clear();
  out_identical_ = identical_;
}

void AlignedText::KeepOrigins(size_t begin, size_t end, std::vector<ByteRange>& to) const {
  if (!identical_) {
    to.insert(to.end(), origins_.begin() + static_cast<ptrdiff_t>(begin),
              origins_.begin() + static_cast<ptrdiff_t>(end));
    return;
  }
  for (size_t at = begin; at < end;) {
    size_t next = at + 1;
    while (next < end && IsContinuation(view_[next])) {
      ++next;
    }
    const ByteRange origin = {static_cast<uint32_t>(base_ + at),
                              static_cast<uint32_t>(base_ + next)};
    to.insert(to.end(), next - at, origin);
    at = next;
  }
}

void AlignedText::Materialise(size_t size) {
  if (out_identical_) {
    KeepOrigins(0, size, out_origins_);
    out_identical_ = false;
  }
}

char* AlignedText::Reshape(size_t begin, size_t end) {
  if (out_identical_ && out_.size() != begin) {
    Materialise(out_.size());
  }
  if (!out_identical_) {
    KeepOrigins(begin, end, out_origins_);
  }
  const size_t size = out_.size();
  out_.resize(size + (end - begin));
  return out_.data() + size;
}

void AlignedText::Keep(size_t begin, size_t end) {
  if (out_identical_ && out_.size() != begin) {
    Materialise(out_.size());
  }
  if (!out_identical_) {
    KeepOrigins(begin, end, out_origins_);
  }
  out_.append(view_.substr(begin, end - begin));
}

void AlignedText::Put(std::string_view utf8, ByteRange origin) {
  if (out_identical_) {
    const size_t at = out_.size();
    // One character for others in the same place that take as many bytes.
    if (origin.begin == base_ + at && origin.end == base_ + at + utf8.size() &&
        std::all_of(utf8.begin() + 1, utf8.end(), IsContinuation)) {
      out_.append(utf8);
      return;
    }
    Materialise(at);
  }
  out_.append(utf8);
  out_origins_.insert(out_origins_.end(), utf8.size(), origin);
}

void AlignedText::PutCodePoint(char32_t code_point, ByteRange origin) {
  if (code_point < 0x80) {
    const char byte = static_cast<char>(code_point);
    Put({&byte, 1}, origin);
    return;
  }
  std::string encoded;  // at most 4 bytes: no allocation
  AppendUtf8(code_point, encoded);
  Put(encoded, origin);
}

void AlignedText::FinishRewrite() {
  text_.swap(out_);
  origins_.swap(out_origins_);
  identical_ = out_identical_;
  view_ = text_;
}

}  // namespace podium::text
