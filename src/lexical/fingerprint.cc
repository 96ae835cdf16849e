#include "lexical/fingerprint.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace podium::lexical {
namespace {

// The key of the reference test vectors: bytes 00 01 … 0f.
constexpr uint64_t kKey0 = 0x0706050403020100;
constexpr uint64_t kKey1 = 0x0F0E0D0C0B0A0908;

struct SipState {
  uint64_t v0 = kKey0 ^ 0x736F6D6570736575;
  uint64_t v1 = kKey1 ^ 0x646F72616E646F6D ^ 0xEE;  // 0xEE: the 128-bit variant
  uint64_t v2 = kKey0 ^ 0x6C7967656E657261;
  uint64_t v3 = kKey1 ^ 0x7465646279746573;

  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }

  void Compress(uint64_t word) {
    v3 ^= word;
    Rounds(2);
    v0 ^= word;
  }

  uint64_t Finish(uint64_t& lane, uint64_t mark) {
    lane ^= mark;
    Rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

uint64_t LoadLittleEndian(const char* bytes, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) {
    word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

}  // namespace

std::string Fingerprint::ToBytes() const {
  std::string bytes;
  for (const uint64_t word : {low, high}) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<char>((word >> shift) & 0xFF));
    }
  }
  return bytes;
}

std::string Fingerprint::ToHex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : ToBytes()) {
    const auto byte = static_cast<unsigned char>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

Fingerprint FingerprintOf(std::string_view bytes) {
  SipState state;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= bytes.size(); i += sizeof(uint64_t)) {
    state.Compress(LoadLittleEndian(bytes.data() + i, sizeof(uint64_t)));
  }
  const uint64_t length = static_cast<uint64_t>(bytes.size()) << 56;
  state.Compress(length | LoadLittleEndian(bytes.data() + i, bytes.size() - i));
  Fingerprint print;
  print.low = state.Finish(state.v2, 0xEE);
  print.high = state.Finish(state.v1, 0xDD);
  return print;
}

}  // namespace podium::lexical
