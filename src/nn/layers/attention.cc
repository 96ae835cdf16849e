#include "nn/layers/attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "nn/models/layer_name.h"

namespace podium::nn {

namespace {

void Run(const kernels::KernelTable& table, const kernels::AttentionArgs& args) {
  table.attention_f32(args);
}
void Run(const kernels::KernelTable& table, const kernels::AttentionBf16Args& args) {
  table.attention_bf16(args);
}

}  // namespace

Result<SelfAttention> SelfAttention::Load(const EncoderSpec& spec, size_t layer, Rows rows,
                                          const Arithmetic& arithmetic, Checkpoint& checkpoint) {
  SelfAttention attention;
  attention.table_ = arithmetic.table;
  attention.heads_ = spec.heads;
  attention.head_size_ = spec.head_size();
  attention.scale_ = 1.0F / std::sqrt(static_cast<float>(spec.head_size()));
  attention.numbers_ = arithmetic.Between();
  const EncoderNames& names = spec.names;
  const std::array<std::string, 3> inputs = {
      LayerName(names.query, layer), LayerName(names.key, layer), LayerName(names.value, layer)};
  PODIUM_ASSIGN_OR_RETURN(
      attention.qkv_, checkpoint.ReadFused(arithmetic, inputs, spec.hidden_size, spec.hidden_size));
  const Arithmetic rest = rows == Rows::kFirst ? arithmetic.ForFewRows() : arithmetic;
  PODIUM_ASSIGN_OR_RETURN(attention.output_,
                          checkpoint.ReadLinear(rest, LayerName(names.attention_output, layer),
                                                spec.hidden_size, spec.hidden_size));
  return attention;
}

size_t SelfAttention::ScratchBytes(size_t tokens, size_t head_size) {
  return std::max(kernels::AttentionScratchFloats(tokens, head_size) * sizeof(float),
                  kernels::AttentionBf16ScratchBytes(tokens, head_size));
}

template <typename Element>
void SelfAttention::Head(const Block& block, size_t unit, Rows rows, const RelativeBias& bias,
                         const HeadRows& heads, Scratch& scratch) const {
  const kernels::Rows& qkv = heads.qkv;
  const kernels::Rows& context = heads.context;
  const size_t sequence = unit / heads_;
  const size_t head = unit % heads_;
  const size_t width = heads_ * head_size_;
  const size_t tokens = block.length(sequence);
  const size_t first = block.offsets[sequence];
  const size_t out_row = rows == Rows::kFirst ? sequence : first;
  kernels::AttentionArgsOf<Element> args;
  args.q = static_cast<const Element*>(qkv.data) + first * qkv.stride + head * head_size_;
  args.k = args.q + width;
  args.v = args.k + width;
  args.out = static_cast<Element*>(context.data) + out_row * context.stride + head * head_size_;
  args.q_stride = args.k_stride = args.v_stride = qkv.stride;
  args.out_stride = context.stride;
  args.queries = rows == Rows::kFirst ? 1 : tokens;
  args.keys = tokens;
  args.head_dim = head_size_;
  args.scale = scale_;
  scratch.attention.Resize(ScratchBytes(tokens, head_size_));
  args.scratch = scratch.attention.data();
  if (!bias.empty()) {
    scratch.bias.Resize(tokens * tokens);
    bias.Fill(head, tokens, scratch.bias.data());
    args.bias = scratch.bias.data();
    args.bias_stride = tokens;
  }
  Run(*table_, args);
}

void SelfAttention::Forward(const Block& block, Rows rows, const RelativeBias& bias,
                            Activations& act, Crew& crew) const {
  const size_t width = heads_ * head_size_;
  size_t count = block.tokens();
  act.wide.Resize(numbers_, count, 3 * width);
  act.context.Resize(numbers_, count, width);
  const kernels::Rows qkv = act.wide.rows();
  const kernels::Rows context = act.context.rows();
  crew.Enter(Stage::kQkv);
  qkv_.Apply({.x = act.input, .rows = count, .y = qkv}, crew);
  crew.Enter(Stage::kAttention);
  crew.Share(block.size() * heads_, 1, [&](size_t begin, size_t end, Scratch& scratch) {
    for (size_t i = begin; i < end; ++i) {
      if (numbers_ == Numbers::kBf16) {
        Head<uint16_t>(block, i, rows, bias, {qkv, context}, scratch);
      } else {
        Head<float>(block, i, rows, bias, {qkv, context}, scratch);
      }
    }
  });
  if (rows == Rows::kFirst) {
    count = block.size();
    // offsets[i] >= i, so a row is never overwritten before it has moved.
    for (size_t i = 0; i < count; ++i) {
      std::memmove(act.x.data() + i * width, act.x.data() + block.offsets[i] * width,
                   width * sizeof(float));
    }
  }
  act.context.ClearPadding(count, width);
  crew.Enter(Stage::kAttentionOutput);
  const kernels::ConstRows input =
      AsOperand(*table_, context, {count, width}, output_.numbers(), act.narrow, crew);
  output_.Apply(
      {.x = input, .rows = count, .y = FloatRows(act.y.data(), width), .residual = act.x.data()},
      crew);
}

}  // namespace podium::nn
