// One layer of the encoder: attention and feed-forward, each followed by a normalisation of its sum
// with what went in ("post-norm", as BERT).
#pragma once

#include "podium/status.h"

#include "nn/layers/attention.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/layer_norm.h"

namespace podium::nn {

// Immutable; safe to use from many threads.
class EncoderLayer {
 public:
  // `rows` are those that it will be asked for.
  static Result<EncoderLayer> Load(const EncoderSpec& spec, size_t layer, Rows rows,
                                   const Arithmetic& arithmetic, Checkpoint& checkpoint);

  // act.x -> act.x; with Rows::kFirst, [block.size() x E] comes out. act.input holds act.x in
  // input_numbers() before, and in `next` after.
  void Forward(const Block& block, Rows rows, const RelativeBias& bias, Numbers next,
               Activations& act, Crew& crew) const;

  Numbers input_numbers() const { return attention_.input_numbers(); }

  size_t bytes() const { return attention_.bytes() + up_.bytes() + down_.bytes(); }

 private:
  // What `up_` delivers to `down_`.
  Numbers HiddenNumbers() const;

  const kernels::KernelTable* table_ = nullptr;
  bool bf16_between_ = false;
  SelfAttention attention_;
  LayerNorm attention_norm_;
  Activation activation_ = Activation::kGeluErf;
  Linear up_;
  Linear down_;
  LayerNorm ffn_norm_;
};

}  // namespace podium::nn
