// How a batch is cut into blocks of whole sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace podium::nn {

// Tokens of a full block. More tokens per block read the weights less often: a block of T tokens
// does T/2 floating-point operations per byte of weights, so at some 130 Gflop/s per core and
// T = 256 a core draws about 1 GB/s from the shared cache, which leaves room for dozens of cores.
// Fewer tokens keep the activations, 28 bytes per token and unit of hidden size (Activations), in
// the core's own L2 cache: at hidden size 384, 256 tokens take 2.7 MB against 2 MB of L2 on current
// servers. One core alone is equally fast from 64 to 1024 tokens (encoder_bench, AVX-512, 2 MB of
// L2), so the number is a matter of balance between workers and of memory.
constexpr size_t kBlockTokens = 256;

// Tokens below which a block is not worth a worker of its own: rather than that both read all of
// the weights for a few rows, workers help each other with one block, and each reads its columns.
constexpr size_t kLeastBlockTokens = 32;

// Cuts sequences into blocks for workers that take one after another, the largest first; who finds
// no block left helps the others. Sequences are dealt out longest first, each to the block with the
// fewest tokens, into as many blocks as fill whole rounds of all workers. The result of a model
// does not depend on the plan. Reused from request to request, so that steady work allocates
// nothing.
class BlockPlan {
 public:
  // REQUIRES: workers > 0, fewer than 2^32 sequences.
  void Make(std::span<const uint32_t> lengths, size_t workers);

  // Blocks, none of them empty; the largest first.
  size_t size() const { return blocks_.size(); }
  // The sequences of a block, the longest first.
  std::span<const uint32_t> sequences(size_t block) const {
    return std::span(order_).subspan(blocks_[block].begin, blocks_[block].count);
  }

 private:
  struct Part {
    size_t tokens = 0;
    size_t count = 0;  // of sequences
    size_t begin = 0;  // in order_
  };

  // Fills dealt_ and, but for `begin`, blocks_.
  void Deal(std::span<const uint32_t> lengths, size_t count);
  // Brings the sequences of each block together, and the blocks in order.
  void Gather();

  std::vector<uint32_t> order_;  // sequences; in the end block after block
  std::vector<uint32_t> dealt_;  // the block that order_[i] was dealt to
  std::vector<Part> blocks_;
  std::vector<uint32_t> heap_;  // of blocks, the one with the fewest tokens on top
  std::vector<uint32_t> gathered_;
};

}  // namespace podium::nn
