// The merging of a word's symbols, for words of any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "text/model.h"

namespace podium::text {

// What a pair of neighbours becomes.
struct Merge {
  uint32_t rank = UINT32_MAX;  // the lowest goes first; UINT32_MAX: no merge
  int32_t id = -1;
};

// Merges by pair of ids. Immutable use from many threads is safe.
class MergeTable {
 public:
  void Reserve(size_t merges);
  // A pair that is there already takes the new merge. Ranks must be below the number of merges.
  void Insert(int32_t left, int32_t right, Merge merge);
  Merge Find(int32_t left, int32_t right) const {
    if (slots_.empty()) {
      return {};
    }
    const uint64_t key = Key(left, right);
    for (size_t at = Place(key);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].key == key) {
        return slots_[at].merge;
      }
      if (slots_[at].key == kFree) {
        return {};
      }
    }
  }
  // One more than the greatest rank.
  size_t rank_limit() const { return rank_limit_; }

 private:
  static constexpr uint64_t kFree = UINT64_MAX;
  struct Slot {
    uint64_t key = kFree;
    Merge merge;
  };
  static uint64_t Key(int32_t left, int32_t right) {
    return (uint64_t{static_cast<uint32_t>(left)} << 32) | static_cast<uint32_t>(right);
  }
  size_t Place(uint64_t key) const {
    constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio
    return ((key ^ (key >> 29)) * kGolden) >> shift_;
  }

  std::vector<Slot> slots_;  // a power of two
  int shift_ = 64;
  size_t size_ = 0;
  size_t rank_limit_ = 0;
};

// The symbols of a word, being merged.
class BpeWord {
 public:
  void Clear() {
    ids_.clear();
    lengths_.clear();
  }
  void Add(int32_t id, uint32_t length) {
    ids_.push_back(id);
    lengths_.push_back(length);
  }

  // Merges until no pair has a merge: always the lowest rank, of equal ranks the leftmost.
  void MergeAll(const MergeTable& merges);

  // Appends the symbols left, one after the other from byte 0.
  void AppendTo(std::vector<ModelToken>& out) const;

  size_t capacity() const;

 private:
  // Symbols waiting to be merged with their right neighbour at one rank.
  struct Bucket {
    std::vector<uint32_t> places;
  };

  void MergeShort(const MergeTable& merges);
  void MergeLong(const MergeTable& merges);
  void Offer(const MergeTable& merges, uint32_t left, uint32_t right);
  void MergeAt(const MergeTable& merges, uint32_t place, uint32_t rank);

  std::vector<int32_t> ids_;
  std::vector<uint32_t> lengths_;  // in bytes; 0: merged into another
  std::vector<Merge> short_merges_;

  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
  std::vector<Bucket> buckets_;  // by rank
  std::vector<uint32_t> ranks_;  // a heap of the ranks whose buckets are not empty
};

}  // namespace podium::text
