// How a batch is cut into blocks of whole sequences, and who works on them.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/layers/block.h"
#include "nn/token_batch.h"

namespace podium::nn {

// Tokens of a full block. More tokens per block read the weights less often: a block of T tokens
// does T/2 floating-point operations per byte of weights, so at some 130 Gflop/s per core and
// T = 256 a core draws about 1 GB/s from the shared cache, which leaves room for dozens of cores.
// Fewer tokens keep the activations, 28 bytes per token and unit of hidden size (Activations), in
// the core's own L2 cache: at hidden size 384, 256 tokens take 2.7 MB against 2 MB of L2 on current
// servers. One core alone is equally fast from 64 to 1024 tokens (encoder_bench, AVX-512, 2 MB of
// L2), so the number is a matter of balance between workers and of memory.
constexpr size_t kBlockTokens = 256;

struct BlockPlan {
  std::vector<Block> blocks;  // the largest first
  // True: the workers share every block, one block after another; false: each block has one worker.
  bool together = false;
};

// Cuts `batch` for `workers` workers. Sequences are dealt out longest first, each to the block with
// the fewest tokens, into as many blocks as fill whole rounds of all workers. Where the longest
// sequence would keep one worker busy while the others wait, they work together instead. The result
// of a model does not depend on the plan. REQUIRES: no sequence is empty, workers > 0.
BlockPlan PlanBlocks(const TokenBatch& batch, size_t workers);

}  // namespace podium::nn
