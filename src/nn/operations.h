// How much arithmetic an encoder does.
#pragma once

#include "nn/model.h"
#include "nn/ops/stage_clock.h"
#include "nn/token_batch.h"

namespace podium::nn {

// Multiplications and additions, counted apart, of the linear layers and of the two products of the
// attention in all encoder layers. Norms, softmax, activations, embeddings and the head do not
// count: they are a few in a thousand.
struct Operations {
  PerStage done;  // by Run
  // Of every row in every layer, as engines compute that do not know that a head reads the first
  // token alone: what published GFLOP/s are counted with.
  PerStage full;
};

Operations CountOperations(const ModelInfo& info, const TokenBatch& batch);

}  // namespace podium::nn
