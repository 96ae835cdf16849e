// 128-bit fingerprints of strings: for terms too long to store, and to see whether a document
// changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace podium::lexical {

struct Fingerprint {
  uint64_t low = 0;
  uint64_t high = 0;

  // 16 bytes, little-endian.
  std::string ToBytes() const;
  // 32 lower-case hexadecimal digits of ToBytes.
  std::string ToHex() const;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// SipHash-2-4 with 128-bit output (Aumasson and Bernstein, 2012) under a fixed key. The values are
// stored in indexes, so they must never change.
Fingerprint FingerprintOf(std::string_view bytes);

}  // namespace podium::lexical
