// Text under normalisation that remembers, for every byte, where in the original it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/byte_range.h"

namespace podium::text {

// A well-formed UTF-8 text and its alignment. Each byte carries the range of original bytes of the
// character it stands for. While the text is still byte for byte the original, nothing is stored
// for it (the usual case: ASCII), and the bytes may be the caller's own.
//
// A rewrite makes a new text out of the present one, front to back:
//   text.StartRewrite();
//   text.Keep(0, 5);                       // the same bytes from the same place
//   text.Put("x", text.OriginAt(5));       // other bytes standing for the character at 5
//   text.FinishRewrite();
// Until FinishRewrite every reading method still gives the old text. Buffers are kept for reuse.
// Not thread-safe.
class AlignedText {
 public:
  // Takes `source` as it is; its first byte is byte `base` of the original. The bytes must outlive
  // the use of this object. REQUIRES: valid UTF-8, base + source.size() < 2^32
  void Assign(std::string_view source, uint32_t base);
  // As Assign for any bytes: ill-formed subparts become U+FFFD that stands for their bytes.
  void AssignRepaired(std::string_view source, uint32_t base);

  std::string_view bytes() const { return view_; }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  // Where in the original the text begins.
  uint32_t base() const { return base_; }

  // Takes bytes [begin, end) of another text over. That text (its bytes, if it is still as
  // assigned) must outlive the use of this object. REQUIRES: whole characters
  void AssignPart(const AlignedText& whole, size_t begin, size_t end);
  // Bytes of memory that the buffers hold.
  size_t capacity() const;

  // Original range of the character that byte `at` belongs to. REQUIRES: at < size()
  ByteRange OriginAt(size_t at) const;
  // From the beginning of the first byte's origin to the end of the last byte's, which for byte
  // ranges inside characters covers the whole characters. REQUIRES: begin < end <= size()
  ByteRange Origin(size_t begin, size_t end) const {
    if (!identical_) {
      return {origins_[begin].begin, origins_[end - 1].end};
    }
    const auto whole = [&](size_t at) {
      return at >= view_.size() || (static_cast<unsigned char>(view_[at]) & 0xC0) != 0x80;
    };
    if (whole(begin) && whole(end)) {
      return {static_cast<uint32_t>(base_ + begin), static_cast<uint32_t>(base_ + end)};
    }
    return {OriginAt(begin).begin, OriginAt(end - 1).end};
  }

  void StartRewrite();
  // Bytes [begin, end) as they are. REQUIRES: whole characters
  void Keep(size_t begin, size_t end);
  // As Keep, but the caller writes the end - begin bytes itself, character for character of equal
  // lengths. The pointer holds until the next call.
  char* Reshape(size_t begin, size_t end);
  void Put(std::string_view utf8, ByteRange origin);
  void PutCodePoint(char32_t code_point, ByteRange origin);
  size_t rewritten_size() const { return out_.size(); }
  void FinishRewrite();

 private:
  void KeepOrigins(size_t begin, size_t end, std::vector<ByteRange>& to) const;
  // Writes down the origins of the first `size` bytes of out_, which were implied until now.
  void Materialise(size_t size);

  std::string_view view_;
  std::string text_;                // what view_ shows, unless it shows the caller's bytes
  std::vector<ByteRange> origins_;  // one per byte; unused while identical_
  bool identical_ = true;
  uint32_t base_ = 0;

  std::string out_;
  std::vector<ByteRange> out_origins_;
  bool out_identical_ = true;
};

}  // namespace podium::text
