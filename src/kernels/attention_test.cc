#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/format.h"
#include "kernels/kernels_test_util.h"

namespace podium::kernels {
namespace {

constexpr float kUntouched = -12345.0F;
constexpr float kMasked = -std::numeric_limits<float>::infinity();

// q, k and v side by side in one matrix, as a model's fused projection leaves them.
struct Problem {
  size_t queries;
  size_t keys;
  size_t dims;
  size_t stride;
  size_t out_stride;
  std::vector<float> qkv;
  std::vector<float> bias;
  AlignedBuffer<float> scratch;
  float scale;

  Problem(size_t queries_in, size_t keys_in, size_t dims_in)
      : queries(queries_in),
        keys(keys_in),
        dims(dims_in),
        stride(3 * dims + 1),
        out_stride(dims + 2),
        qkv(RandomValues(std::max(queries, keys) * stride, 1)),
        bias(RandomValues(queries * (keys + 3), 2)),
        scratch(AttentionScratchFloats(keys, dims)),
        scale(2.0F / std::sqrt(static_cast<float>(dims))) {}

  AttentionArgs Args(std::vector<float>& out, bool with_bias) {
    return {.q = qkv.data(),
            .k = qkv.data() + dims,
            .v = qkv.data() + 2 * dims,
            .out = out.data(),
            .q_stride = stride,
            .k_stride = stride,
            .v_stride = stride,
            .out_stride = out_stride,
            .queries = queries,
            .keys = keys,
            .head_dim = dims,
            .scale = scale,
            .bias = with_bias ? bias.data() : nullptr,
            .bias_stride = keys + 3,
            .scratch = scratch.data()};
  }

  std::vector<float> Run(const KernelTable& table, bool with_bias) {
    std::vector<float> out(queries * out_stride, kUntouched);
    table.attention_f32(Args(out, with_bias));
    return out;
  }
};

// One query against double. A score is off by at most d = gamma(D + 2) (|scale| |q| . |k| +
// |bias|), a probability then by the factor exp(2d) and the roundings of exp, and the sums over
// keys by gamma(T) each.
bool CheckQuery(const Problem& p, size_t i, bool with_bias, const float* out, WorstCase& worst) {
  std::vector<double> scores(p.keys);
  double top = -std::numeric_limits<double>::infinity();
  double score_error = 0;
  for (size_t j = 0; j < p.keys; ++j) {
    const double bias = with_bias ? p.bias[i * (p.keys + 3) + j] : 0.0;
    double dot = 0;
    double magnitude = 0;
    for (size_t d = 0; d < p.dims; ++d) {
      const double term = double{p.qkv[i * p.stride + d]} * p.qkv[j * p.stride + p.dims + d];
      dot += term;
      magnitude += std::abs(term);
    }
    scores[j] = dot * p.scale + bias;
    top = std::max(top, scores[j]);
    if (!std::isinf(bias)) {
      score_error =
          std::max(score_error, Gamma(p.dims + 2) * (magnitude * p.scale + std::abs(bias)));
    }
  }
  double sum = 0;
  for (double& score : scores) {
    score = std::exp(score - top);
    sum += score;
  }
  // exp's argument is a difference, rounded once at a size of at most the scores' range; exp itself
  // is good to 2 roundings; then the division.
  const double relative =
      std::expm1(2 * score_error + 2 * kRounding * std::abs(top)) + 2 * Gamma(p.keys + 4);
  for (size_t d = 0; d < p.dims; ++d) {
    double wanted = 0;
    double magnitude = 0;
    for (size_t j = 0; j < p.keys; ++j) {
      const double term = scores[j] / sum * p.qkv[j * p.stride + 2 * p.dims + d];
      wanted += term;
      magnitude += std::abs(term);
    }
    if (!worst.Within(out[d], wanted, relative * magnitude, [&] {
          return Format("queries {} keys {} D {}", p.queries, p.keys, p.dims);
        })) {
      return false;
    }
  }
  return true;
}

bool Check(const Problem& p, bool with_bias, const std::vector<float>& out, WorstCase& worst) {
  for (size_t i = 0; i < p.queries; ++i) {
    const float* row = out.data() + i * p.out_stride;
    if (!CheckQuery(p, i, with_bias, row, worst) || row[p.dims] != kUntouched ||
        row[p.dims + 1] != kUntouched) {
      return false;
    }
  }
  return true;
}

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
      std::vector<float> out(p.out_stride, kUntouched);
      AttentionArgs args = p.Args(out, with_bias);
      args.q += i * p.stride;
      args.queries = 1;
      args.bias = with_bias ? args.bias + i * args.bias_stride : nullptr;
      table().attention_f32(args);
      ASSERT_EQ(std::memcmp(out.data(), all.data() + i * p.out_stride, p.dims * sizeof(float)), 0)
          << i;
    }
  }
}

TEST_P(AttentionTest, MaskedKeysDoNotCount) {
  WorstCase worst("attention, causal");
  Problem p(40, 40, 32);
  for (size_t i = 0; i < p.queries; ++i) {
    for (size_t j = i + 1; j < p.keys; ++j) {
      p.bias[i * (p.keys + 3) + j] = kMasked;
    }
  }
  EXPECT_TRUE(Check(p, true, p.Run(table(), true), worst));
}

TEST_P(AttentionTest, AQueryWithoutKeysIsNan) {
  Problem p(3, 5, 32);
  std::fill_n(p.bias.begin() + 1 * static_cast<std::ptrdiff_t>(p.keys + 3), p.keys, kMasked);
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
