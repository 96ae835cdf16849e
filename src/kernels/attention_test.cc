#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/attention_test_util.h"
#include "kernels/kernels_test_util.h"

namespace podium::kernels {
namespace {

using Problem = AttentionProblem<float>;

class AttentionTest : public KernelsTest {};

TEST_P(AttentionTest, EveryLengthIsWithinTheRoundingBound) {
  WorstCase worst("attention");
  for (const size_t dims : {32U, 64U}) {
    // All up to two panels of queries; then every third, for the time of it.
    for (size_t tokens = 1; tokens <= 70; tokens += tokens < 34 ? 1 : 3) {
      Problem p(tokens, tokens, dims);
      ASSERT_TRUE(Check(p, false, p.Run(table(), false), worst)) << tokens << ' ' << dims;
      ASSERT_TRUE(Check(p, true, p.Run(table(), true), worst)) << tokens << ' ' << dims;
    }
  }
  Problem p(200, 200, 64);
  EXPECT_TRUE(Check(p, false, p.Run(table(), false), worst));
}

TEST_P(AttentionTest, EveryHeadDimensionIsWithinTheRoundingBound) {
  WorstCase worst("attention, any D");
  for (size_t dims = 1; dims <= 66; ++dims) {
    Problem p(19, 37, dims);
    ASSERT_TRUE(Check(p, true, p.Run(table(), true), worst)) << dims;
  }
  for (const size_t dims : {80U, 96U, 128U, 256U}) {
    Problem p(3, 18, dims);
    ASSERT_TRUE(Check(p, false, p.Run(table(), false), worst)) << dims;
  }
}

// The first queries alone, and each query alone, have the bits that they have among all.
TEST_P(AttentionTest, AQueryDoesNotDependOnTheOthers) {
  for (const bool with_bias : {false, true}) {
    Problem p(75, 75, 32);
    const std::vector<float> all = p.Run(table(), with_bias);
    for (size_t i = 0; i < p.queries; ++i) {
      const std::vector<float> one = p.RunOne(table(), i, with_bias);
      ASSERT_EQ(std::memcmp(one.data(), all.data() + i * p.out_stride, p.dims * sizeof(float)), 0)
          << i;
    }
  }
}

TEST_P(AttentionTest, MaskedKeysDoNotCount) {
  WorstCase worst("attention, causal");
  Problem p(40, 40, 32);
  for (size_t i = 0; i < p.queries; ++i) {
    for (size_t j = i + 1; j < p.keys; ++j) {
      p.bias[i * p.bias_stride + j] = kMasked;
    }
  }
  EXPECT_TRUE(Check(p, true, p.Run(table(), true), worst));
}

TEST_P(AttentionTest, AQueryWithoutKeysIsNan) {
  Problem p(3, 5, 32);
  std::fill_n(p.bias.begin() + 1 * static_cast<std::ptrdiff_t>(p.bias_stride), p.keys, kMasked);
  const std::vector<float> out = p.Run(table(), true);
  EXPECT_FALSE(std::isnan(out[0]));
  EXPECT_TRUE(std::isnan(out[p.out_stride]));
  EXPECT_FALSE(std::isnan(out[2 * p.out_stride]));
}

TEST_P(AttentionTest, NanReachesTheResult) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Problem in_query(20, 20, 32);
  in_query.qkv[4 * in_query.stride + 3] = nan;
  const std::vector<float> one = in_query.Run(table(), false);
  for (size_t i = 0; i < in_query.queries; ++i) {
    EXPECT_EQ(std::isnan(one[i * in_query.out_stride]), i == 4);
  }
  Problem in_key(20, 20, 32);
  in_key.qkv[4 * in_key.stride + in_key.dims] = nan;
  const std::vector<float> all = in_key.Run(table(), false);
  for (size_t i = 0; i < in_key.queries; ++i) {
    EXPECT_TRUE(std::isnan(all[i * in_key.out_stride]));
  }
}

TEST_P(AttentionTest, HugeScoresDoNotOverflow) {
  WorstCase worst("attention, scores up to 1000");
  Problem p(33, 33, 32);
  p.scale = 300.0F;
  EXPECT_TRUE(Check(p, false, p.Run(table(), false), worst));
}

PODIUM_INSTANTIATE_KERNELS_TEST(AttentionTest);

}  // namespace
}  // namespace podium::kernels
