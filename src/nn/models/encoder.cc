#include "nn/models/encoder.h"

#include <algorithm>
#include <cstring>

namespace podium::nn {

Result<Encoder> Encoder::Load(const EncoderSpec& spec, Rows rows, const Arithmetic& arithmetic,
                              Checkpoint& checkpoint) {
  Encoder encoder;
  encoder.spec_ = spec;
  PODIUM_ASSIGN_OR_RETURN(encoder.embedding_, Embedding::Load(spec, arithmetic, checkpoint));
  switch (spec.attention_bias) {
    case AttentionBias::kNone: break;
    case AttentionBias::kBuckets: {
      PODIUM_ASSIGN_OR_RETURN(encoder.bias_, RelativeBias::Load(spec, checkpoint));
      break;
    }
  }
  encoder.layers_.reserve(spec.layers);
  for (size_t layer = 0; layer < spec.layers; ++layer) {
    PODIUM_ASSIGN_OR_RETURN(
        EncoderLayer loaded,
        EncoderLayer::Load(spec, layer, layer + 1 == spec.layers ? rows : Rows::kAll, arithmetic,
                           checkpoint));
    encoder.layers_.push_back(std::move(loaded));
  }
  return encoder;
}

void Encoder::Forward(const TokenBatch& batch, const Block& block, Rows rows, Activations& act,
                      Crew& crew, const StateObserver& observer) const {
  const size_t tokens = block.tokens();
  const size_t hidden = spec_.hidden_size;
  act.x.Resize(tokens * hidden);
  act.y.Resize(tokens * std::max(hidden, spec_.embedding_size));
  embedding_.Forward(batch, block, InputNumbers(0), act, crew);
  Observe(0, block, act, observer);
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    const bool last = layer + 1 == layers_.size();
    layers_[layer].Forward(block, last && !observer ? rows : Rows::kAll, bias_,
                           InputNumbers(layer + 1), act, crew);
    Observe(layer + 1, block, act, observer);
  }
  if (observer && rows == Rows::kFirst) {
    for (size_t i = 0; i < block.size(); ++i) {
      std::memmove(act.x.data() + i * hidden, act.x.data() + block.offsets[i] * hidden,
                   hidden * sizeof(float));
    }
  }
}

Numbers Encoder::InputNumbers(size_t layer) const {
  return layer < layers_.size() ? layers_[layer].input_numbers() : Numbers::kF32;
}

void Encoder::Observe(size_t stage, const Block& block, const Activations& act,
                      const StateObserver& observer) const {
  if (!observer) {
    return;
  }
  for (size_t i = 0; i < block.size(); ++i) {
    observer(stage, block.sequences[i],
             act.x.span().subspan(block.offsets[i] * spec_.hidden_size,
                                  block.length(i) * spec_.hidden_size));
  }
}

size_t Encoder::bytes() const {
  size_t sum = 0;
  for (const EncoderLayer& layer : layers_) {
    sum += layer.bytes();
  }
  return sum;
}

}  // namespace podium::nn
