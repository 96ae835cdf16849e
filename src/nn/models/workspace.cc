#include "nn/models/workspace.h"

#include <algorithm>

#include "nn/layers/attention.h"

namespace podium::nn {

void Workspace::Reserve(const EncoderSpec& spec, size_t vector_width, size_t tokens) {
  const size_t width = std::max(spec.hidden_size, spec.embedding_size);
  const size_t wide = std::max(3 * spec.hidden_size, spec.intermediate_size);
  block.sequences.reserve(tokens);
  block.offsets.reserve(tokens + 1);
  // These two change places in the output stage.
  act.x.Reserve(tokens * std::max(width, vector_width));
  out.Reserve(tokens * std::max(width, vector_width));
  act.y.Reserve(tokens * width);
  act.operand.Reserve(tokens, width);
  act.context.Reserve(tokens, width);
  act.wide.Reserve(tokens, wide);
  act.narrow.Reserve(tokens, wide);
  act.positions.Reserve(tokens);
  const size_t longest = spec.max_positions();
  scratch.attention.Reserve(SelfAttention::ScratchBytes(longest, spec.head_size()));
  if (spec.attention_bias != AttentionBias::kNone) {
    scratch.bias.Reserve(longest * longest);
  }
}

}  // namespace podium::nn
