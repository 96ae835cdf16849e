#include "text/bpe_merger.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace podium::text {
namespace {

// Up to here, looking at every pair again after each merge is the fastest way.
constexpr size_t kShortWord = 64;
// The buckets of a longer word are given back at once, so that those kept stay small.
constexpr uint32_t kKeepBuckets = 1 << 16;
constexpr uint32_t kNone = UINT32_MAX;

}  // namespace

void MergeTable::Reserve(size_t merges) {
  constexpr size_t kFewest = 16;
  const size_t wanted = std::bit_ceil(std::max(kFewest, merges * 2));
  if (wanted <= slots_.size()) {
    return;
  }
  std::vector<Slot> old(wanted);
  old.swap(slots_);
  shift_ = 64 - std::countr_zero(wanted);
  for (const Slot& slot : old) {
    if (slot.key != kFree) {
      size_t at = Place(slot.key);
      while (slots_[at].key != kFree) {
        at = (at + 1) & (slots_.size() - 1);
      }
      slots_[at] = slot;
    }
  }
}

void MergeTable::Insert(int32_t left, int32_t right, Merge merge) {
  Reserve(size_ + 1);
  const uint64_t key = Key(left, right);
  size_t at = Place(key);
  while (slots_[at].key != kFree && slots_[at].key != key) {
    at = (at + 1) & (slots_.size() - 1);
  }
  size_ += slots_[at].key == kFree ? 1 : 0;
  slots_[at] = {key, merge};
  rank_limit_ = std::max(rank_limit_, size_t{merge.rank} + 1);
}

void BpeWord::MergeAll(const MergeTable& merges) {
  if (ids_.size() <= kShortWord) {
    MergeShort(merges);
  } else {
    MergeLong(merges);
  }
}

void BpeWord::MergeShort(const MergeTable& merges) {
  size_t count = ids_.size();
  short_merges_.resize(count);
  for (size_t i = 0; i + 1 < count; ++i) {
    short_merges_[i] = merges.Find(ids_[i], ids_[i + 1]);
  }
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (short_merges_[i].rank < short_merges_[best].rank) {
        best = i;
      }
    }
    if (short_merges_[best].rank == kNone) {
      break;
    }
    ids_[best] = short_merges_[best].id;
    lengths_[best] += lengths_[best + 1];
    --count;
    for (size_t i = best + 1; i < count; ++i) {
      ids_[i] = ids_[i + 1];
      lengths_[i] = lengths_[i + 1];
      short_merges_[i] = short_merges_[i + 1];
    }
    if (best > 0) {
      short_merges_[best - 1] = merges.Find(ids_[best - 1], ids_[best]);
    }
    if (best + 1 < count) {
      short_merges_[best] = merges.Find(ids_[best], ids_[best + 1]);
    }
  }
  ids_.resize(count);
  lengths_.resize(count);
}

// Every pair with a merge waits in the bucket of its rank. The lowest bucket is worked off from
// left to right; entries that no longer stand for their pair are passed over. Merging mostly makes
// pairs of higher ranks (they were learnt later); where it makes a lower one, that goes first.
void BpeWord::MergeLong(const MergeTable& merges) {
  const auto count = static_cast<uint32_t>(ids_.size());
  next_.resize(count);
  previous_.resize(count);
  buckets_.resize(std::max(buckets_.size(), merges.rank_limit()));
  for (uint32_t i = 0; i < count; ++i) {
    next_[i] = i + 1 < count ? i + 1 : kNone;
    previous_[i] = i > 0 ? i - 1 : kNone;
  }
  for (uint32_t i = 0; i + 1 < count; ++i) {
    Offer(merges, i, i + 1);
  }
  std::vector<uint32_t> places;
  while (!ranks_.empty()) {
    const uint32_t rank = ranks_.front();
    std::pop_heap(ranks_.begin(), ranks_.end(), std::greater<>());
    ranks_.pop_back();
    places.clear();
    places.swap(buckets_[rank].places);
    if (!std::is_sorted(places.begin(), places.end())) {
      std::sort(places.begin(), places.end());
    }
    for (size_t i = 0; i < places.size(); ++i) {
      MergeAt(merges, places[i], rank);
      if (!ranks_.empty() && ranks_.front() <= rank && i + 1 < places.size()) {
        std::vector<uint32_t>& rest = buckets_[rank].places;
        if (rest.empty()) {
          ranks_.push_back(rank);
          std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
        }
        rest.insert(rest.end(), places.begin() + static_cast<ptrdiff_t>(i) + 1, places.end());
        break;
      }
    }
  }
  // What was merged into another goes.
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (lengths_[i] != 0) {
      ids_[kept] = ids_[i];
      lengths_[kept++] = lengths_[i];
    }
  }
  ids_.resize(kept);
  lengths_.resize(kept);
  if (count > kKeepBuckets) {
    std::vector<Bucket>().swap(buckets_);
  }
}

void BpeWord::Offer(const MergeTable& merges, uint32_t left, uint32_t right) {
  const Merge merge = merges.Find(ids_[left], ids_[right]);
  if (merge.rank == kNone) {
    return;
  }
  std::vector<uint32_t>& places = buckets_[merge.rank].places;
  if (places.empty()) {
    ranks_.push_back(merge.rank);
    std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
  }
  places.push_back(left);
}

void BpeWord::MergeAt(const MergeTable& merges, uint32_t place, uint32_t rank) {
  const uint32_t right = lengths_[place] != 0 ? next_[place] : kNone;
  if (right == kNone) {
    return;
  }
  const Merge merge = merges.Find(ids_[place], ids_[right]);
  if (merge.rank != rank) {
    return;
  }
  ids_[place] = merge.id;
  lengths_[place] += lengths_[right];
  lengths_[right] = 0;
  next_[place] = next_[right];
  if (next_[place] != kNone) {
    previous_[next_[place]] = place;
    Offer(merges, place, next_[place]);
  }
  if (previous_[place] != kNone) {
    Offer(merges, previous_[place], place);
  }
}

void BpeWord::AppendTo(std::vector<ModelToken>& out) const {
  uint32_t begin = 0;
  for (size_t i = 0; i < ids_.size(); ++i) {
    out.push_back({ids_[i], begin, begin + lengths_[i]});
    begin += lengths_[i];
  }
}

size_t BpeWord::capacity() const {
  return (ids_.capacity() + lengths_.capacity() + next_.capacity() + previous_.capacity()) *
             sizeof(uint32_t) +
         buckets_.capacity() * sizeof(Bucket);
}

}  // namespace podium::text
