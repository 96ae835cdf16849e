#include "nn/models/block_plan.h"

#include <algorithm>
#include <numeric>

namespace podium::nn {
namespace {

size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

}  // namespace

void BlockPlan::Make(std::span<const uint32_t> lengths, size_t workers) {
  blocks_.clear();
  if (lengths.empty()) {
    return;
  }
  order_.resize(lengths.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
  const size_t tokens = std::accumulate(lengths.begin(), lengths.end(), size_t{0});
  const size_t rounds = DivideUp(tokens, workers * kBlockTokens);
  const size_t count = std::min({rounds * workers, lengths.size(), tokens / kLeastBlockTokens});
  Deal(lengths, std::max<size_t>(count, 1));
  Gather();
}

void BlockPlan::Deal(std::span<const uint32_t> lengths, size_t count) {
  // Room for as many blocks as sequences, so that memory depends on their number alone.
  blocks_.reserve(lengths.size());
  heap_.reserve(lengths.size());
  blocks_.assign(count, {});
  dealt_.resize(order_.size());
  const auto fuller = [&](uint32_t a, uint32_t b) {
    return blocks_[a].tokens != blocks_[b].tokens ? blocks_[a].tokens > blocks_[b].tokens : a > b;
  };
  heap_.resize(count);
  std::iota(heap_.begin(), heap_.end(), 0U);  // a heap, since all blocks are empty
  for (size_t i = 0; i < order_.size(); ++i) {
    std::pop_heap(heap_.begin(), heap_.end(), fuller);
    const uint32_t block = heap_.back();
    dealt_[i] = block;
    blocks_[block].tokens += lengths[order_[i]];
    ++blocks_[block].count;
    std::push_heap(heap_.begin(), heap_.end(), fuller);
  }
}

void BlockPlan::Gather() {
  std::sort(heap_.begin(), heap_.end(), [&](uint32_t a, uint32_t b) {
    return blocks_[a].tokens != blocks_[b].tokens ? blocks_[a].tokens > blocks_[b].tokens : a < b;
  });
  size_t begin = 0;
  for (const uint32_t block : heap_) {
    blocks_[block].begin = begin;
    begin += blocks_[block].count;
    blocks_[block].count = 0;
  }
  gathered_.resize(order_.size());
  for (size_t i = 0; i < order_.size(); ++i) {
    Part& block = blocks_[dealt_[i]];
    gathered_[block.begin + block.count++] = order_[i];
  }
  order_.swap(gathered_);
  std::sort(blocks_.begin(), blocks_.end(),
            [](const Part& a, const Part& b) { return a.begin < b.begin; });
}

}  // namespace podium::nn
