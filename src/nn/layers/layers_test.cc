// Layers against obvious code.
#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/layers/embedding.h"
#include "nn/layers/pooling.h"
#include "nn/layers/relative_bias.h"

namespace podium::nn {
namespace {

using testing::ElementsAre;

std::vector<float> Pooled(Pooling pooling, const std::vector<float>& states, size_t width) {
  std::vector<float> out(width);
  Pool(pooling, states, out);
  return out;
}

TEST(PoolingTest, ReducesTokensToOneVector) {
  const std::vector<float> states = {1, -2, 3, 4, -5, 6, 4, 0};  // 4 tokens of 2
  EXPECT_THAT(Pooled(Pooling::kCls, states, 2), ElementsAre(1, -2));
  EXPECT_THAT(Pooled(Pooling::kLast, states, 2), ElementsAre(4, 0));
  EXPECT_THAT(Pooled(Pooling::kMax, states, 2), ElementsAre(4, 6));
  EXPECT_THAT(Pooled(Pooling::kMean, states, 2), ElementsAre(0.75F, 2));
  EXPECT_THAT(Pooled(Pooling::kMeanSqrtLen, states, 2), ElementsAre(1.5F, 4));
  EXPECT_THAT(Pooled(Pooling::kWeightedMean, states, 2), ElementsAre(0.8F, 2.4F));
}

TEST(PoolingTest, HandlesWidthsPastAStrip) {
  std::vector<float> states(3 * 37);
  for (size_t i = 0; i < states.size(); ++i) {
    states[i] = static_cast<float>(i % 11) - 4.0F;
  }
  const std::vector<float> mean = Pooled(Pooling::kMean, states, 37);
  for (size_t e = 0; e < 37; ++e) {
    EXPECT_FLOAT_EQ(mean[e], (states[e] + states[37 + e] + states[74 + e]) / 3.0F);
  }
}

TEST(PoolingTest, NamesRoundTrip) {
  for (const Pooling pooling : {Pooling::kCls, Pooling::kMax, Pooling::kMean, Pooling::kMeanSqrtLen,
                                Pooling::kWeightedMean, Pooling::kLast, Pooling::kPooler}) {
    EXPECT_EQ(PoolingFromName(PoolingName(pooling)), pooling);
  }
  EXPECT_EQ(PoolingFromName("median"), std::nullopt);
}

TEST(PoolingTest, NormalizesToLengthOne) {
  std::vector<float> x = {3, -4};
  NormalizeL2(x);
  EXPECT_THAT(x, ElementsAre(0.6F, -0.8F));
  std::vector<float> zero = {0, 0};
  NormalizeL2(zero);
  EXPECT_THAT(zero, ElementsAre(0, 0));
}

TEST(PositionTest, CountsTokensAsTheReferenceDoes) {
  const std::vector<int32_t> ids = {0, 7, 1, 9, 1, 2};
  std::vector<int32_t> positions(ids.size());
  FillPositions(PositionRule::kSequential, 1, ids, positions);
  EXPECT_THAT(positions, ElementsAre(0, 1, 2, 3, 4, 5));
  // cumsum(ids != pad) * (ids != pad) + pad
  FillPositions(PositionRule::kSkipPadding, 1, ids, positions);
  EXPECT_THAT(positions, ElementsAre(2, 3, 1, 4, 1, 5));
}

TEST(RelativeBucketTest, EqualsTheReference) {
  // relative_position_bucket of modeling_mpnet.py, evaluated by hand.
  EXPECT_EQ(RelativeBucket(0), 0U);
  EXPECT_EQ(RelativeBucket(-7), 7U);
  EXPECT_EQ(RelativeBucket(-8), 8U);
  EXPECT_EQ(RelativeBucket(-11), 8U);
  EXPECT_EQ(RelativeBucket(-12), 9U);
  EXPECT_EQ(RelativeBucket(-16), 10U);
  EXPECT_EQ(RelativeBucket(-32), 12U);
  EXPECT_EQ(RelativeBucket(-64), 14U);
  EXPECT_EQ(RelativeBucket(-127), 15U);
  EXPECT_EQ(RelativeBucket(-5000), 15U);
  EXPECT_EQ(RelativeBucket(1), 17U);
  EXPECT_EQ(RelativeBucket(8), 24U);
  EXPECT_EQ(RelativeBucket(5000), 31U);
}

}  // namespace
}  // namespace podium::nn
