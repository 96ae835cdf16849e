// From the encoder's states to what a model returns per sequence: logits of a classification head,
// or an embedding through pooling and sentence-transformers' modules.
#pragma once

#include <filesystem>
#include <span>
#include <variant>
#include <vector>

#include "podium/status.h"

#include "kernels/kernels.h"
#include "nn/layers/block.h"
#include "nn/models/encoder_spec.h"
#include "nn/models/module_chain.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/crew.h"
#include "nn/ops/layer_norm.h"
#include "nn/ops/linear.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {

// A stack of layers on one vector per sequence. Immutable; safe to use from many threads.
class VectorStack {
 public:
  // The most values that a vector has on its way, `inputs` at first.
  size_t widest(size_t inputs) const;

  // Appends activation(linear(x)).
  void AddLinear(Linear linear, Activation activation);
  void AddNorm(LayerNorm norm);
  void AddNormalize();

  // x is [count x in] and becomes [count x out(in)]; `other` is scratch of the same kind.
  void Apply(size_t count, AlignedBuffer<float>& x, AlignedBuffer<float>& other, Crew& crew) const;

  size_t outputs(size_t inputs) const;

 private:
  struct Dense {
    Linear linear;
    Activation activation;
  };
  struct Normalize {};
  std::vector<std::variant<Dense, LayerNorm, Normalize>> steps_;
};

// Immutable; safe to use from many threads.
class OutputStage {
 public:
  // Logits: head.out(activation(head.dense(first state))).
  static Result<OutputStage> LoadHead(const EncoderSpec& spec, const HeadSpec& head, size_t labels,
                                      const Arithmetic& arithmetic, Checkpoint& checkpoint);
  // Embeddings. `pooler` is read only where the chain asks for it; Unsupported if the family has
  // none.
  static Result<OutputStage> LoadChain(const EncoderSpec& spec, const HeadSpec& pooler,
                                       const ModuleChain& chain, const std::filesystem::path& dir,
                                       const Arithmetic& arithmetic, Checkpoint& checkpoint);

  // The rows that Forward needs from the encoder.
  Rows rows() const { return rows_; }
  size_t outputs() const { return outputs_; }
  // The most values that Forward keeps for a sequence.
  size_t widest() const;

  // states holds the encoder's output for the block; row i of out[block.size() x outputs()] is for
  // sequence block.sequences[i]. Both buffers are scratch afterwards.
  void Forward(const Block& block, AlignedBuffer<float>& states, AlignedBuffer<float>& out,
               Crew& crew) const;

 private:
  void PoolSequence(const Block& block, size_t i, std::span<const float> states,
                    std::span<float> out) const;

  size_t hidden_ = 0;
  size_t outputs_ = 0;
  Rows rows_ = Rows::kAll;
  std::vector<Pooling> pooling_;
  VectorStack stack_;
};

}  // namespace podium::nn
