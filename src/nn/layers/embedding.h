// From token ids to the first hidden states: word, segment and position vectors summed, normalised
// and, where the embeddings are narrower than the encoder, widened.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "podium/status.h"

#include "io/safetensors.h"
#include "nn/layers/block.h"
#include "nn/models/encoder_spec.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/crew.h"
#include "nn/ops/layer_norm.h"
#include "nn/ops/linear.h"
#include "nn/token_batch.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {

// position[t] for the ids of one sequence. With kSkipPadding as transformers'
// create_position_ids_from_input_ids: a pad token inside the text takes the pad id and does not
// count.
void FillPositions(PositionRule rule, int32_t padding_id, std::span<const int32_t> ids,
                   std::span<int32_t> positions);

// Immutable; safe to use from many threads. The word table stays in the mapped file, in its own
// element type, and rows are widened as they are read: a vocabulary of 250,000 would otherwise
// double the memory of a model. REQUIRES: the checkpoint's weights outlive the object.
class Embedding {
 public:
  static Result<Embedding> Load(const EncoderSpec& spec, const Arithmetic& arithmetic,
                                Checkpoint& checkpoint);

  // Fills act.x with [T x hidden_size] for the block, and act.input with the same in `next`.
  // REQUIRES: ids and lengths were checked.
  void Forward(const TokenBatch& batch, const Block& block, Numbers next, Activations& act,
               Crew& crew) const;

  std::string_view word_dtype() const { return io::DTypeName(words_.dtype); }

 private:
  void Sum(const TokenBatch& batch, const Block& block, const Activations& act, size_t begin,
           size_t end, float* out) const;

  const kernels::KernelTable* table_ = nullptr;
  PositionRule rule_ = PositionRule::kSequential;
  int32_t padding_id_ = 0;
  size_t width_ = 0;
  io::TensorView words_;
  AlignedBuffer<float> positions_;
  AlignedBuffer<float> types_;  // empty: the family has none
  LayerNorm norm_;
  std::optional<Linear> projection_;
};

}  // namespace podium::nn
