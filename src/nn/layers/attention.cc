#include "nn/layers/attention.h"

#include <array>
#include <cmath>
#include <cstring>

#include "nn/models/layer_name.h"

namespace podium::nn {

Result<SelfAttention> SelfAttention::Load(const EncoderSpec& spec, size_t layer,
                                          const kernels::KernelTable& table,
                                          Checkpoint& checkpoint) {
  SelfAttention attention;
  attention.table_ = &table;
  attention.heads_ = spec.heads;
  attention.head_size_ = spec.head_size();
  attention.scale_ = 1.0F / std::sqrt(static_cast<float>(spec.head_size()));
  const EncoderNames& names = spec.names;
  const std::array<std::string, 3> inputs = {
      LayerName(names.query, layer), LayerName(names.key, layer), LayerName(names.value, layer)};
  PODIUM_ASSIGN_OR_RETURN(attention.qkv_,
                          checkpoint.ReadFused(table, inputs, spec.hidden_size, spec.hidden_size));
  PODIUM_ASSIGN_OR_RETURN(attention.output_,
                          checkpoint.ReadLinear(table, LayerName(names.attention_output, layer),
                                                spec.hidden_size, spec.hidden_size));
  return attention;
}

void SelfAttention::Head(const Block& block, size_t unit, Rows rows, const RelativeBias& bias,
                         Activations& act, Scratch& scratch) const {
  const size_t sequence = unit / heads_;
  const size_t head = unit % heads_;
  const size_t width = heads_ * head_size_;
  const size_t tokens = block.length(sequence);
  const size_t first = block.offsets[sequence];
  const float* qkv = act.wide.data() + first * 3 * width + head * head_size_;
  const size_t out_row = rows == Rows::kFirst ? sequence : first;
  kernels::AttentionArgs args;
  args.q = qkv;
  args.k = qkv + width;
  args.v = qkv + 2 * width;
  args.out = act.context.data() + out_row * width + head * head_size_;
  args.q_stride = args.k_stride = args.v_stride = 3 * width;
  args.out_stride = width;
  args.queries = rows == Rows::kFirst ? 1 : tokens;
  args.keys = tokens;
  args.head_dim = head_size_;
  args.scale = scale_;
  scratch.attention.Resize(kernels::AttentionScratchFloats(tokens, head_size_));
  args.scratch = scratch.attention.data();
  if (!bias.empty()) {
    scratch.bias.Resize(tokens * tokens);
    bias.Fill(head, tokens, scratch.bias.data());
    args.bias = scratch.bias.data();
    args.bias_stride = tokens;
  }
  table_->attention_f32(args);
}

void SelfAttention::Forward(const Block& block, Rows rows, const RelativeBias& bias,
                            Activations& act, Crew& crew) const {
  const size_t width = heads_ * head_size_;
  qkv_.Apply({.x = act.x.data(), .rows = block.tokens(), .y = act.wide.data()}, crew);
  crew.Share(block.size() * heads_, 1, [&](size_t begin, size_t end, Scratch& scratch) {
    for (size_t i = begin; i < end; ++i) {
      Head(block, i, rows, bias, act, scratch);
    }
  });
  size_t count = block.tokens();
  if (rows == Rows::kFirst) {
    count = block.size();
    // offsets[i] >= i, so a row is never overwritten before it has moved.
    for (size_t i = 0; i < count; ++i) {
      std::memmove(act.x.data() + i * width, act.x.data() + block.offsets[i] * width,
                   width * sizeof(float));
    }
  }
  output_.Apply(
      {.x = act.context.data(), .rows = count, .y = act.y.data(), .residual = act.x.data()}, crew);
}

}  // namespace podium::nn
