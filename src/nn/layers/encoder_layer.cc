#include "nn/layers/encoder_layer.h"

#include "nn/models/layer_name.h"

namespace podium::nn {

Result<EncoderLayer> EncoderLayer::Load(const EncoderSpec& spec, size_t layer,
                                        const kernels::KernelTable& table, Checkpoint& checkpoint) {
  const size_t hidden = spec.hidden_size;
  const EncoderNames& names = spec.names;
  EncoderLayer result;
  result.activation_ = spec.activation;
  PODIUM_ASSIGN_OR_RETURN(result.attention_, SelfAttention::Load(spec, layer, table, checkpoint));
  PODIUM_ASSIGN_OR_RETURN(
      result.attention_norm_,
      checkpoint.ReadNorm(table, LayerName(names.attention_norm, layer), hidden, spec.norm_eps));
  PODIUM_ASSIGN_OR_RETURN(result.up_, checkpoint.ReadLinear(table, LayerName(names.ffn_up, layer),
                                                            spec.intermediate_size, hidden));
  PODIUM_ASSIGN_OR_RETURN(result.down_,
                          checkpoint.ReadLinear(table, LayerName(names.ffn_down, layer), hidden,
                                                spec.intermediate_size));
  PODIUM_ASSIGN_OR_RETURN(
      result.ffn_norm_,
      checkpoint.ReadNorm(table, LayerName(names.ffn_norm, layer), hidden, spec.norm_eps));
  return result;
}

void EncoderLayer::Forward(const Block& block, Rows rows, const RelativeBias& bias,
                           Activations& act, Crew& crew) const {
  attention_.Forward(block, rows, bias, act, crew);
  const size_t count = rows == Rows::kFirst ? block.size() : block.tokens();
  attention_norm_.Apply(act.y.data(), count, crew);
  up_.Apply({.x = act.y.data(), .rows = count, .y = act.wide.data(), .activation = activation_},
            crew);
  down_.Apply({.x = act.wide.data(), .rows = count, .y = act.x.data(), .residual = act.y.data()},
              crew);
  ffn_norm_.Apply(act.x.data(), count, crew);
}

}  // namespace podium::nn
