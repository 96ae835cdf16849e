#include "nn/layers/encoder_layer.h"

#include "nn/models/layer_name.h"

namespace podium::nn {

Result<EncoderLayer> EncoderLayer::Load(const EncoderSpec& spec, size_t layer, Rows rows,
                                        const Arithmetic& arithmetic, Checkpoint& checkpoint) {
  const size_t hidden = spec.hidden_size;
  const EncoderNames& names = spec.names;
  const kernels::KernelTable& table = *arithmetic.table;
  const Arithmetic rest = rows == Rows::kFirst ? arithmetic.ForFewRows() : arithmetic;
  EncoderLayer result;
  result.table_ = &table;
  result.bf16_between_ = rest.Between() == Numbers::kBf16;
  result.activation_ = spec.activation;
  PODIUM_ASSIGN_OR_RETURN(result.attention_,
                          SelfAttention::Load(spec, layer, rows, arithmetic, checkpoint));
  PODIUM_ASSIGN_OR_RETURN(
      result.attention_norm_,
      checkpoint.ReadNorm(table, LayerName(names.attention_norm, layer), hidden, spec.norm_eps));
  PODIUM_ASSIGN_OR_RETURN(result.up_, checkpoint.ReadLinear(rest, LayerName(names.ffn_up, layer),
                                                            spec.intermediate_size, hidden));
  PODIUM_ASSIGN_OR_RETURN(result.down_,
                          checkpoint.ReadLinear(rest, LayerName(names.ffn_down, layer), hidden,
                                                spec.intermediate_size));
  PODIUM_ASSIGN_OR_RETURN(
      result.ffn_norm_,
      checkpoint.ReadNorm(table, LayerName(names.ffn_norm, layer), hidden, spec.norm_eps));
  return result;
}

Numbers EncoderLayer::HiddenNumbers() const {
  const Numbers wanted = down_.numbers();
  if (up_.numbers() == Numbers::kF32) {
    return Numbers::kF32;  // all that its product delivers
  }
  if (wanted == Numbers::kI8) {
    // The scale of a row is known only once all of the row is.
    return bf16_between_ ? Numbers::kBf16 : Numbers::kF32;
  }
  return wanted;
}

void EncoderLayer::Forward(const Block& block, Rows rows, const RelativeBias& bias, Numbers next,
                           Activations& act, Crew& crew) const {
  attention_.Forward(block, rows, bias, act, crew);
  const size_t count = rows == Rows::kFirst ? block.size() : block.tokens();
  crew.Enter(Stage::kNorm);
  const kernels::ConstRows normed =
      attention_norm_.Apply(act.y.data(), count, up_.numbers(), act.operand, crew);
  act.wide.Resize(HiddenNumbers(), count, up_.outputs());
  const kernels::Rows hidden = act.wide.rows();
  crew.Enter(Stage::kFfnUp);
  up_.Apply({.x = normed, .rows = count, .y = hidden, .activation = activation_}, crew);
  crew.Enter(Stage::kFfnDown);
  down_.Apply(
      {.x = AsOperand(*table_, hidden, {count, up_.outputs()}, down_.numbers(), act.narrow, crew),
       .rows = count,
       .y = FloatRows(act.x.data(), down_.outputs()),
       .residual = act.y.data()},
      crew);
  crew.Enter(Stage::kNorm);
  act.input = ffn_norm_.Apply(act.x.data(), count, next, act.operand, crew);
}

}  // namespace podium::nn
