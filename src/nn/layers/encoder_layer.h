// One layer of the encoder: attention and feed-forward, each followed by a normalisation of its sum
// with what went in ("post-norm", as BERT).
#pragma once

#include "podium/status.h"

#include "nn/layers/attention.h"
#include "nn/ops/layer_norm.h"

namespace podium::nn {

// Immutable; safe to use from many threads.
class EncoderLayer {
 public:
  static Result<EncoderLayer> Load(const EncoderSpec& spec, size_t layer,
                                   const kernels::KernelTable& table, Checkpoint& checkpoint);

  // act.x -> act.x; with Rows::kFirst, [block.size() x E] comes out.
  void Forward(const Block& block, Rows rows, const RelativeBias& bias, Activations& act,
               Crew& crew) const;

  size_t bytes() const { return attention_.bytes() + up_.bytes() + down_.bytes(); }

 private:
  SelfAttention attention_;
  LayerNorm attention_norm_;
  Activation activation_ = Activation::kGeluErf;
  Linear up_;
  Linear down_;
  LayerNorm ffn_norm_;
};

}  // namespace podium::nn
