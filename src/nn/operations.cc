#include "nn/operations.h"

namespace podium::nn {
namespace {

// One layer for a sequence of `tokens`, of which `rows` go on after the keys and values.
void AddLayer(const ModelInfo& info, double tokens, double rows, PerStage& operations) {
  const auto hidden = static_cast<double>(info.hidden_size);
  const auto wide = static_cast<double>(info.intermediate_size);
  operations[Stage::kQkv] += 2 * tokens * hidden * (3 * hidden);
  operations[Stage::kAttention] += 2 * (2 * rows * tokens * hidden);
  operations[Stage::kAttentionOutput] += 2 * rows * hidden * hidden;
  operations[Stage::kFfnUp] += 2 * rows * hidden * wide;
  operations[Stage::kFfnDown] += 2 * rows * wide * hidden;
}

}  // namespace

Operations CountOperations(const ModelInfo& info, const TokenBatch& batch) {
  Operations operations;
  for (size_t sequence = 0; sequence < batch.sequences(); ++sequence) {
    const auto tokens = static_cast<double>(batch.length(sequence));
    for (size_t layer = 0; layer < info.layers; ++layer) {
      const bool last = layer + 1 == info.layers;
      AddLayer(info, tokens, tokens, operations.full);
      AddLayer(info, tokens, last && info.first_token_only ? 1.0 : tokens, operations.done);
    }
  }
  return operations;
}

}  // namespace podium::nn
