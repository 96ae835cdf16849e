#include "nn/operations.h"

#include <vector>

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

// ms-marco-MiniLM-L6, whose products everyone can count by hand.
ModelInfo MiniLm() {
  ModelInfo info;
  info.hidden_size = 384;
  info.intermediate_size = 1536;
  info.layers = 6;
  info.first_token_only = true;
  return info;
}

TokenBatch Batch(size_t sequences, size_t tokens) {
  TokenBatch batch;
  for (size_t i = 0; i < sequences; ++i) {
    batch.Add(std::vector<int32_t>(tokens));
  }
  return batch;
}

TEST(OperationsTest, CountsAFullPass) {
  // Per token and layer 4 h^2 + 2 h f multiplications with as many additions, and 2 T h of each
  // for the attention: 287 G for 100 pairs of 128 tokens.
  const double linear = 2.0 * (4 * 384 * 384 + 2 * 384 * 1536);
  const double attention = 2.0 * (2 * 128 * 384);
  const Operations operations = CountOperations(MiniLm(), Batch(100, 128));
  EXPECT_DOUBLE_EQ(operations.full.total(), 6 * 12800 * (linear + attention));
  EXPECT_NEAR(operations.full.total(), 287e9, 0.5e9);
  EXPECT_EQ(operations.full[Stage::kNorm], 0);
}

TEST(OperationsTest, LeavesOutWhatTheHeadDoesNotRead) {
  const Operations operations = CountOperations(MiniLm(), Batch(1, 128));
  const double per_layer = operations.full[Stage::kFfnUp] / 6;
  EXPECT_DOUBLE_EQ(operations.done[Stage::kFfnUp], 5 * per_layer + per_layer / 128);
  EXPECT_DOUBLE_EQ(operations.done[Stage::kQkv], operations.full[Stage::kQkv]);
  ModelInfo mean = MiniLm();
  mean.first_token_only = false;
  const Operations all = CountOperations(mean, Batch(1, 128));
  EXPECT_DOUBLE_EQ(all.done.total(), all.full.total());
}

TEST(OperationsTest, AttentionIsQuadratic) {
  const Operations once = CountOperations(MiniLm(), Batch(1, 100));
  const Operations twice = CountOperations(MiniLm(), Batch(1, 200));
  EXPECT_DOUBLE_EQ(twice.full[Stage::kAttention], 4 * once.full[Stage::kAttention]);
  EXPECT_DOUBLE_EQ(twice.full[Stage::kQkv], 2 * once.full[Stage::kQkv]);
}

}  // namespace
}  // namespace podium::nn
