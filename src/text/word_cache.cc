#include "text/word_cache.h"

namespace podium::text {
namespace {

constexpr uint64_t kMix1 = 0x243F6A8885A308D3;
constexpr uint64_t kMix2 = 0x13198A2E03707345;
constexpr uint64_t kMix3 = 0xA4093822299F31D1;

uint64_t Fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Keeps the first `bytes` bytes of a little-endian word.
uint64_t Head(uint64_t word, size_t bytes) {
  return bytes >= sizeof(word) ? word : word & ((uint64_t{1} << (8 * bytes)) - 1);
}

}  // namespace

WordCache::Key WordCache::MakeKey(std::string_view text, size_t begin, size_t size) {
  Key key;
  if (begin + kKeyBytes <= text.size()) {
    // Reading past the word is cheaper than a copy of variable length.
    std::memcpy(key.words.data(), text.data() + begin, kKeyBytes);
    for (size_t i = 0; i < key.words.size(); ++i) {
      key.words[i] = size > 8 * i ? Head(key.words[i], size - 8 * i) : 0;
    }
  } else {
    std::memcpy(key.words.data(), text.data() + begin, size);
  }
  key.length = static_cast<uint8_t>(size);
  key.hash = Fold(key.words[0] ^ kMix1, key.words[1] ^ kMix2) ^
             Fold(key.words[2] ^ kMix3, key.words[3] ^ kMix2 ^ size);
  return key;
}

void WordCache::Store(const Key& key, std::span<const ModelToken> tokens) {
  if (tokens.size() > kTokens || tokens.empty() || tokens.back().end != key.length) {
    return;
  }
  Entry entry;
  entry.key = key.words;
  entry.length = key.length;
  entry.count = static_cast<uint8_t>(tokens.size());
  uint32_t covered = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].begin != covered) {
      return;
    }
    covered = tokens[i].end;
    entry.ids[i] = tokens[i].id;
    entry.ends[i] = static_cast<uint8_t>(covered);
  }
  Entry* const bucket = entries_.data() + (key.hash & mask_);
  bucket[1] = bucket[0];
  bucket[0] = entry;
}

}  // namespace podium::text
