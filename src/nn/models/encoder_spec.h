// What an encoder of the BERT kind is made of: sizes from config.json, and the rules and tensor
// names of its family. Encoder executes this description; a family is a function that fills it in.
//
// Seams kept for other families: AttentionBias is where relative-position and distance biases enter
// (before the softmax, per head and per pair of positions); PositionRule is where positions without
// a learned table (rotary) enter; EncoderNames and Activation describe a feed-forward of two
// matrices, so a gated one adds a third name; norms sit after the residual sum ("post-norm").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "nn/ops/activation.h"

namespace podium::nn {

// How the index into the table of position embeddings follows from the token ids.
enum class PositionRule : uint8_t {
  kSequential,   // 0, 1, 2, …
  kSkipPadding,  // pad id + (number of non-pad tokens so far); a pad token itself takes the pad id
};

// What is added to query·key / sqrt(head size) before the softmax.
enum class AttentionBias : uint8_t {
  kNone,
  kBuckets,  // a learned number per head and bucket of relative distance, shared by all layers
};

// Tensor names after the checkpoint's prefix ("bert."), without ".weight" or ".bias"; "{}" stands
// for the layer. An empty name: the family has no such tensor.
struct EncoderNames {
  std::string word_embedding = "embeddings.word_embeddings";
  std::string position_embedding = "embeddings.position_embeddings";
  std::string type_embedding = "embeddings.token_type_embeddings";
  std::string embedding_norm = "embeddings.LayerNorm";
  std::string embedding_projection;  // present where embedding_size != hidden_size
  std::string relative_bias;
  std::string query = "encoder.layer.{}.attention.self.query";
  std::string key = "encoder.layer.{}.attention.self.key";
  std::string value = "encoder.layer.{}.attention.self.value";
  std::string attention_output = "encoder.layer.{}.attention.output.dense";
  std::string attention_norm = "encoder.layer.{}.attention.output.LayerNorm";
  std::string ffn_up = "encoder.layer.{}.intermediate.dense";
  std::string ffn_down = "encoder.layer.{}.output.dense";
  std::string ffn_norm = "encoder.layer.{}.output.LayerNorm";
};

struct EncoderSpec {
  size_t vocab_size = 0;
  size_t type_vocab_size = 0;  // 0: the family has no segment embedding and ignores type ids
  size_t position_rows = 0;    // rows of the position table
  size_t embedding_size = 0;
  size_t hidden_size = 0;
  size_t layers = 0;
  size_t heads = 0;
  size_t intermediate_size = 0;
  size_t bias_buckets = 0;
  double norm_eps = 0;
  Activation activation = Activation::kGeluErf;
  PositionRule position_rule = PositionRule::kSequential;
  AttentionBias attention_bias = AttentionBias::kNone;
  int32_t padding_id = 0;
  EncoderNames names;

  size_t head_size() const { return hidden_size / heads; }

  // Tokens of the longest sequence that has a position for each of them.
  size_t max_positions() const {
    const size_t unused =
        position_rule == PositionRule::kSkipPadding ? static_cast<size_t>(padding_id) + 1 : 0;
    return position_rows > unused ? position_rows - unused : 0;
  }
};

// A classification head on the first token's state: out(activation(dense(x))). A BERT pooler is one
// without `out`.
struct HeadSpec {
  std::string
      dense;  // tensor name without ".weight"; a leading "*" stands for the encoder's prefix
  Activation activation = Activation::kTanh;
  std::string out;
};

}  // namespace podium::nn
