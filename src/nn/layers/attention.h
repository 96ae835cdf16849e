// Multi-head self-attention within each sequence of a block.
#pragma once

#include "podium/status.h"

#include "kernels/kernels.h"
#include "nn/layers/block.h"
#include "nn/layers/relative_bias.h"
#include "nn/models/encoder_spec.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/crew.h"
#include "nn/ops/linear.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {

// Immutable; safe to use from many threads.
class SelfAttention {
 public:
  // Memory that one head of a sequence needs, whatever the numbers.
  static size_t ScratchBytes(size_t tokens, size_t head_size);

  // `rows` are those that it will be asked for.
  static Result<SelfAttention> Load(const EncoderSpec& spec, size_t layer, Rows rows,
                                    const Arithmetic& arithmetic, Checkpoint& checkpoint);

  // act.y = x + output(heads(x)) with x = act.x, which act.input holds in input_numbers(). With
  // Rows::kFirst, row i of act.y and of act.x belongs to the first token of sequence i, and there
  // are block.size() of them; other rows of act.x are lost. `bias` may be empty.
  void Forward(const Block& block, Rows rows, const RelativeBias& bias, Activations& act,
               Crew& crew) const;

  Numbers input_numbers() const { return qkv_.numbers(); }

  size_t bytes() const { return qkv_.bytes() + output_.bytes(); }

 private:
  struct HeadRows {
    kernels::Rows qkv;
    kernels::Rows context;
  };

  // Head `unit` % heads of the block's sequence `unit` / heads, in Element (float, or uint16_t for
  // bf16).
  template <typename Element>
  void Head(const Block& block, size_t unit, Rows rows, const RelativeBias& bias,
            const HeadRows& heads, Scratch& scratch) const;

  const kernels::KernelTable* table_ = nullptr;
  size_t heads_ = 0;
  size_t head_size_ = 0;
  float scale_ = 1.0F;
  Numbers numbers_ = Numbers::kF32;  // of queries, keys, values and context: kF32 or kBf16
  Linear qkv_;                       // rows of queries, keys and values side by side
  Linear output_;
};

}  // namespace podium::nn
