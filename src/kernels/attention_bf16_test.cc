#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/attention_test_util.h"
#include "kernels/bf16.h"
#include "kernels/kernels_test_util.h"

namespace podium::kernels {
namespace {

using Problem = AttentionProblem<uint16_t>;

class AttentionBf16Test : public KernelsTest {};

std::vector<const KernelTable*> TablesWithBf16() {
  std::vector<const KernelTable*> tables = TestedKernels();
  std::erase_if(tables, [](const KernelTable* table) { return table->attention_bf16 == nullptr; });
  return tables;
}

TEST_P(AttentionBf16Test, EveryLengthIsWithinTheRoundingBound) {
  WorstCase worst("attention in bf16");
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

TEST_P(AttentionBf16Test, EveryNumberOfKeysIsWithinTheRoundingBound) {
  WorstCase worst("attention in bf16, any number of keys");
  for (const size_t dims : {8U, 26U, 32U, 64U, 128U}) {
    for (size_t keys = 1; keys <= 70; ++keys) {
      Problem p(3, keys, dims);
      ASSERT_TRUE(Check(p, keys % 2 == 0, p.Run(table(), keys % 2 == 0), worst))
          << keys << ' ' << dims;
    }
  }
}

TEST_P(AttentionBf16Test, EveryHeadDimensionIsWithinTheRoundingBound) {
  WorstCase worst("attention in bf16, any D");
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
TEST_P(AttentionBf16Test, AQueryDoesNotDependOnTheOthers) {
  for (const size_t dims : {32U, 40U}) {
    for (const bool with_bias : {false, true}) {
      Problem p(75, 75, dims);
      const std::vector<uint16_t> all = p.Run(table(), with_bias);
      for (size_t i = 0; i < p.queries; ++i) {
        const std::vector<uint16_t> one = p.RunOne(table(), i, with_bias);
        ASSERT_EQ(std::memcmp(one.data(), all.data() + i * p.out_stride, dims * sizeof(uint16_t)),
                  0)
            << i;
      }
      for (const size_t queries : {1U, 13U, 14U, 16U, 31U, 32U, 33U, 74U}) {
        Problem first(queries, 75, dims);
        first.bias = p.bias;
        const std::vector<uint16_t> some = first.Run(table(), with_bias);
        ASSERT_TRUE(std::equal(some.begin(), some.end(), all.begin())) << queries;
      }
    }
  }
}

TEST_P(AttentionBf16Test, MaskedKeysDoNotCount) {
  WorstCase worst("attention in bf16, causal");
  Problem p(40, 40, 32);
  for (size_t i = 0; i < p.queries; ++i) {
    for (size_t j = i + 1; j < p.keys; ++j) {
      p.bias[i * p.bias_stride + j] = kMasked;
    }
  }
  EXPECT_TRUE(Check(p, true, p.Run(table(), true), worst));
}

TEST_P(AttentionBf16Test, AQueryWithoutKeysIsNan) {
  Problem p(3, 5, 32);
  std::fill_n(p.bias.begin() + static_cast<std::ptrdiff_t>(p.bias_stride), p.keys, kMasked);
  const std::vector<uint16_t> out = p.Run(table(), true);
  EXPECT_FALSE(std::isnan(FloatFromBf16(out[0])));
  EXPECT_TRUE(std::isnan(FloatFromBf16(out[p.out_stride])));
  EXPECT_FALSE(std::isnan(FloatFromBf16(out[2 * p.out_stride])));
}

TEST_P(AttentionBf16Test, NanReachesTheResult) {
  const uint16_t nan = Bf16FromFloat(std::numeric_limits<float>::quiet_NaN());
  Problem in_query(20, 20, 32);
  in_query.qkv[4 * in_query.stride + 3] = nan;
  const std::vector<uint16_t> one = in_query.Run(table(), false);
  for (size_t i = 0; i < in_query.queries; ++i) {
    EXPECT_EQ(std::isnan(FloatFromBf16(one[i * in_query.out_stride])), i == 4);
  }
  Problem in_key(20, 20, 32);
  in_key.qkv[4 * in_key.stride + in_key.dims] = nan;
  const std::vector<uint16_t> all = in_key.Run(table(), false);
  for (size_t i = 0; i < in_key.queries; ++i) {
    EXPECT_TRUE(std::isnan(FloatFromBf16(all[i * in_key.out_stride])));
  }
  Problem in_value(20, 20, 32);
  in_value.qkv[4 * in_value.stride + 2 * in_value.dims + 5] = nan;
  const std::vector<uint16_t> dim = in_value.Run(table(), false);
  for (size_t i = 0; i < in_value.queries; ++i) {
    EXPECT_TRUE(std::isnan(FloatFromBf16(dim[i * in_value.out_stride + 5])));
    EXPECT_FALSE(std::isnan(FloatFromBf16(dim[i * in_value.out_stride + 4])));
  }
}

TEST_P(AttentionBf16Test, HugeScoresDoNotOverflow) {
  WorstCase worst("attention in bf16, scores up to 1000");
  Problem p(33, 33, 32);
  p.scale = 300.0F;
  EXPECT_TRUE(Check(p, false, p.Run(table(), false), worst));
}

// One key: its probability is 1, and the result is its value to the bit.
TEST_P(AttentionBf16Test, OneKeyGivesItsValue) {
  Problem p(7, 1, 40);
  const std::vector<uint16_t> out = p.Run(table(), false);
  for (size_t i = 0; i < p.queries; ++i) {
    for (size_t d = 0; d < p.dims; ++d) {
      ASSERT_EQ(FloatFromBf16(out[i * p.out_stride + d]), p.value(0, d)) << i << ' ' << d;
    }
  }
}

// There may be none: the emulated table has none where the CPU lacks AVX-512 BF16.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AttentionBf16Test);
INSTANTIATE_TEST_SUITE_P(Isa, AttentionBf16Test, testing::ValuesIn(TablesWithBf16()), TableName);

}  // namespace
}  // namespace podium::kernels
