// The encoder: embeddings and layers of a checkpoint, run over blocks of whole sequences.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "kernels/kernels.h"
#include "nn/layers/block.h"
#include "nn/layers/embedding.h"
#include "nn/layers/encoder_layer.h"
#include "nn/layers/relative_bias.h"
#include "nn/models/encoder_spec.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/crew.h"
#include "nn/token_batch.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {

// Sees the states [tokens x hidden size] of one sequence of the batch after the embeddings (stage
// 0) and after every layer (stage 1, 2, …). May be called from several threads at once, for
// different sequences.
using StateObserver =
    std::function<void(size_t stage, size_t sequence, std::span<const float> states)>;

// Immutable; safe to use from many threads.
class Encoder {
 public:
  // `rows` are those of the last layer that Forward will be asked for.
  static Result<Encoder> Load(const EncoderSpec& spec, Rows rows, const Arithmetic& arithmetic,
                              Checkpoint& checkpoint);

  // Leaves the last layer's states in act.x: [T x E], or [sequences x E] with Rows::kFirst.
  // With an observer all rows of all layers are computed whatever `rows` says; the result is the
  // same.
  void Forward(const TokenBatch& batch, const Block& block, Rows rows, Activations& act, Crew& crew,
               const StateObserver& observer) const;

  const EncoderSpec& spec() const { return spec_; }
  // Memory of the packed weights.
  size_t bytes() const;
  // "F32", …: element type of the word embeddings in the file.
  std::string_view word_dtype() const { return embedding_.word_dtype(); }

 private:
  // Of what `layer` reads; kF32 after the last.
  Numbers InputNumbers(size_t layer) const;
  void Observe(size_t stage, const Block& block, const Activations& act,
               const StateObserver& observer) const;

  EncoderSpec spec_;
  Embedding embedding_;
  RelativeBias bias_;
  std::vector<EncoderLayer> layers_;
};

}  // namespace podium::nn
