#include "base/fingerprint.h"

#include <bit>
#include <cstring>

namespace podium {
namespace {

constexpr size_t kWord = sizeof(uint64_t);

// Up to eight bytes as a number; `count` < 8 leaves the upper ones 0.
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

Fingerprint Fingerprint::FromBytes(std::string_view bytes) {
  return {LoadLittleEndian(bytes.data(), kWord), LoadLittleEndian(bytes.data() + kWord, kWord)};
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

void FingerprintHasher::State::Rounds(int count) {
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

void FingerprintHasher::State::Compress(uint64_t word) {
  v3 ^= word;
  Rounds(2);
  v0 ^= word;
}

uint64_t FingerprintHasher::State::Finish(uint64_t& lane, uint64_t mark) {
  lane ^= mark;
  Rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

FingerprintHasher& FingerprintHasher::Add(std::string_view bytes) {
  State state = state_;  // in registers for the loop
  size_t i = 0;
  for (; (size_ + i) % kWord != 0 && i < bytes.size(); ++i) {
    const size_t at = (size_ + i) % kWord;
    pending_ |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * at);
    if (at + 1 == kWord) {
      state.Compress(pending_);
      pending_ = 0;
    }
  }
  if ((size_ + i) % kWord == 0) {
    for (; i + kWord <= bytes.size(); i += kWord) {
      state.Compress(LoadLittleEndian(bytes.data() + i, kWord));
    }
    pending_ = LoadLittleEndian(bytes.data() + i, bytes.size() - i);
  }
  size_ += bytes.size();
  state_ = state;
  return *this;
}

FingerprintHasher& FingerprintHasher::AddNumber(uint64_t number) {
  char bytes[kWord];
  for (size_t i = 0; i < kWord; ++i) {
    bytes[i] = static_cast<char>((number >> (8 * i)) & 0xFF);
  }
  return Add({bytes, kWord});
}

Fingerprint FingerprintHasher::Finish() const {
  State state = state_;
  state.Compress(static_cast<uint64_t>(size_) << 56 | pending_);
  Fingerprint print;
  print.low = state.Finish(state.v2, 0xEE);
  print.high = state.Finish(state.v1, 0xDD);
  return print;
}

Fingerprint FingerprintOf(std::string_view bytes) {
  return FingerprintHasher().Add(bytes).Finish();
}

}  // namespace podium
