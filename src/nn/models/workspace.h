// Memory for running blocks, kept between runs so that steady work allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "nn/layers/block.h"
#include "nn/models/block_plan.h"
#include "nn/models/encoder_spec.h"
#include "nn/ops/crew.h"

namespace podium::nn {

// What one worker needs to carry a block through a model.
struct Workspace {
  Block block;
  Activations act;
  AlignedBuffer<float> out;  // [sequences x outputs]
  Scratch scratch;

  // Makes room for any block of up to `tokens` tokens whose vectors per sequence have up to
  // `vector_width` values on their way out. Memory that no block has used yet stays untouched, so
  // that it costs addresses only.
  void Reserve(const EncoderSpec& spec, size_t vector_width, size_t tokens);
};

// What one request needs.
struct RequestState {
  BlockPlan plan;
  std::vector<uint32_t> lengths;
  std::vector<std::unique_ptr<Workspace>> workspaces;  // by worker of the pool
  std::vector<Scratch*> scratch;                       // theirs
};

}  // namespace podium::nn
