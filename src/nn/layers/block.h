// A block of whole sequences that goes through the layers together, and the memory for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"
#include "nn/ops/matrix.h"

namespace podium::nn {

// Which rows a layer has to deliver.
enum class Rows : uint8_t {
  kAll,    // every token
  kFirst,  // the first token of each sequence: all that a CLS head reads from the last layer
};

struct Block {
  std::vector<uint32_t> sequences;      // their numbers in the batch
  std::vector<uint32_t> offsets = {0};  // sequence i has rows [offsets[i], offsets[i + 1])

  size_t size() const { return sequences.size(); }
  size_t tokens() const { return offsets.back(); }
  size_t length(size_t i) const { return offsets[i + 1] - offsets[i]; }
  void Add(uint32_t sequence, size_t length) {
    sequences.push_back(sequence);
    offsets.push_back(offsets.back() + static_cast<uint32_t>(length));
  }
  // Empties the block and keeps its memory.
  void Clear() {
    sequences.clear();
    offsets.assign(1, 0);
  }
};

// Activations of one block; reused from block to block, so that steady work allocates nothing.
// E hidden size, F feed-forward size, T tokens.
struct Activations {
  AlignedBuffer<float> x;  // [T x E] what goes into a layer and what comes out
  AlignedBuffer<float> y;  // [T x E] after the attention
  // What the next product reads: x or y itself, or that in the product's numbers in `operand`.
  kernels::ConstRows input;
  Matrix operand;  // [T x E]
  Matrix context;  // [T x E] what the attention heads deliver
  Matrix wide;     // [T x max(3E, F)] queries, keys, values; then the feed-forward
  Matrix narrow;   // context or wide in the numbers of the product that reads it
  AlignedBuffer<int32_t> positions;  // [T]
};

}  // namespace podium::nn
