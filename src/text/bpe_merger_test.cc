#include "text/bpe_merger.h"

#include <random>

#include <gtest/gtest.h>

namespace podium::text {
namespace {

// Looks at all pairs again after each merge.
std::vector<ModelToken> MergeSlowly(std::vector<int32_t> ids, const MergeTable& merges) {
  std::vector<uint32_t> lengths(ids.size(), 1);
  while (true) {
    size_t best = ids.size();
    uint32_t rank = UINT32_MAX;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const Merge merge = merges.Find(ids[i], ids[i + 1]);
      if (merge.rank < rank) {
        rank = merge.rank;
        best = i;
      }
    }
    if (best == ids.size()) {
      break;
    }
    const auto after = static_cast<ptrdiff_t>(best) + 1;
    ids[best] = merges.Find(ids[best], ids[best + 1]).id;
    lengths[best] += lengths[best + 1];
    ids.erase(ids.begin() + after);
    lengths.erase(lengths.begin() + after);
  }
  std::vector<ModelToken> tokens;
  uint32_t begin = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    tokens.push_back({ids[i], begin, begin + lengths[i]});
    begin += lengths[i];
  }
  return tokens;
}

TEST(BpeMerger, ShortAndLongWordsMergeAsTheSlowWay) {
  std::mt19937 random(5);
  BpeWord word;
  for (int round = 0; round < 60; ++round) {
    // Merges of random pairs: ranks need not grow with the tokens made, which no trained
    // vocabulary has but a file may.
    MergeTable merges;
    const int32_t letters = 3;
    int32_t tokens = letters;
    for (uint32_t rank = 0; rank < 40; ++rank) {
      const auto left = static_cast<int32_t>(random() % static_cast<uint32_t>(tokens));
      const auto right = static_cast<int32_t>(random() % static_cast<uint32_t>(tokens));
      if (merges.Find(left, right).id < 0) {
        const uint32_t shuffled = round % 2 == 0 ? rank : (rank * 7) % 40;
        merges.Insert(left, right, {shuffled, tokens++});
      }
    }
    for (const size_t size : {1, 2, 5, 40, 64, 65, 300}) {
      std::vector<int32_t> ids(size);
      word.Clear();
      for (int32_t& id : ids) {
        id = static_cast<int32_t>(random() % (round % 3 == 0 ? 1 : letters));
        word.Add(id, 1);
      }
      word.MergeAll(merges);
      std::vector<ModelToken> found;
      word.AppendTo(found);
      ASSERT_EQ(found, MergeSlowly(ids, merges)) << "round " << round << ", size " << size;
    }
  }
}

}  // namespace
}  // namespace podium::text
