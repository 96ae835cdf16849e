// Remembers the tokens of the words seen last: most words of a text were seen before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "text/model.h"

namespace podium::text {

// A bounded table of short words with few tokens, in entries of one cache line. Not thread-safe.
class WordCache {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kTokens = 6;

  struct alignas(64) Entry {
    std::array<uint64_t, kKeyBytes / 8> key{};  // the word, padded with zeros
    std::array<int32_t, kTokens> ids{};
    std::array<uint8_t, kTokens> ends{};  // token i covers bytes [ends[i - 1], ends[i])
    uint8_t length = 0;                   // of the word; 0: free
    uint8_t count = 0;
  };

  // What Find looked for, to store the answer with.
  struct Key {
    std::array<uint64_t, kKeyBytes / 8> words{};
    uint64_t hash = 0;
    uint8_t length = 0;
  };

  // REQUIRES: entries is a power of two, at least 2
  explicit WordCache(size_t entries) : entries_(entries), mask_(entries - 2) {}

  static bool Fits(std::string_view word) { return word.size() <= kKeyBytes && !word.empty(); }

  // REQUIRES: Fits(text.substr(begin, size))
  static Key MakeKey(std::string_view text, size_t begin, size_t size);

  // nullptr if the word is not there. The entry stays until the next Store.
  const Entry* Find(const Key& key) const {
    const Entry* const bucket = entries_.data() + (key.hash & mask_);
    if (bucket[0].length == key.length && bucket[0].key == key.words) {
      return bucket;
    }
    if (bucket[1].length == key.length && bucket[1].key == key.words) {
      return bucket + 1;
    }
    return nullptr;
  }

  // Keeps the tokens if they are few and cover the word from end to end without gaps.
  void Store(const Key& key, std::span<const ModelToken> tokens);

 private:
  std::vector<Entry> entries_;  // buckets of two
  size_t mask_;
};

}  // namespace podium::text
