// 128-bit fingerprints of strings: for terms too long to store, to see whether a document changed,
// to name what a file was made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podium {

struct Fingerprint {
  static constexpr size_t kBytes = 16;

  uint64_t low = 0;
  uint64_t high = 0;

  // 16 bytes, little-endian, and back. REQUIRES of FromBytes: bytes.size() == kBytes.
  std::string ToBytes() const;
  static Fingerprint FromBytes(std::string_view bytes);
  // 32 lower-case hexadecimal digits of ToBytes.
  std::string ToHex() const;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// SipHash-2-4 with 128-bit output (Aumasson and Bernstein, 2012) under a fixed key. The values are
// stored in indexes, so they must never change.
Fingerprint FingerprintOf(std::string_view bytes);

// The fingerprint of many pieces, as if they were one string. Pieces whose ends matter ("ab", "c"
// or "a", "bc") need AddNumber(size) before them.
class FingerprintHasher {
 public:
  FingerprintHasher& Add(std::string_view bytes);
  // Eight bytes, little-endian.
  FingerprintHasher& AddNumber(uint64_t number);

  // What was added so far. More may be added afterwards.
  Fingerprint Finish() const;

 private:
  // The key of the reference test vectors: bytes 00 01 … 0f.
  static constexpr uint64_t kKey0 = 0x0706050403020100;
  static constexpr uint64_t kKey1 = 0x0F0E0D0C0B0A0908;

  struct State {
    uint64_t v0 = kKey0 ^ 0x736F6D6570736575;
    uint64_t v1 = kKey1 ^ 0x646F72616E646F6D ^ 0xEE;  // 0xEE: the 128-bit variant
    uint64_t v2 = kKey0 ^ 0x6C7967656E657261;
    uint64_t v3 = kKey1 ^ 0x7465646279746573;

    void Rounds(int count);
    void Compress(uint64_t word);
    uint64_t Finish(uint64_t& lane, uint64_t mark);
  };

  State state_;
  uint64_t pending_ = 0;  // the last size_ % 8 bytes
  size_t size_ = 0;
};

}  // namespace podium
