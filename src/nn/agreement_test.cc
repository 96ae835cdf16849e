#include "nn/agreement.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(AgreementTest, MeasuresTheWorstDifferenceInDeviations) {
  const std::vector<float> exact = {1, 3, 5, 7};
  const Agreement agreement = Compare(exact, std::vector<float>{1, 3.5F, 5, 6});
  EXPECT_EQ(agreement.values, 4U);
  EXPECT_DOUBLE_EQ(agreement.worst, 1);
  EXPECT_DOUBLE_EQ(agreement.deviation, std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(agreement.ratio(), 1 / std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(agreement.root_mean_square, std::sqrt((0.25 + 1) / 4));
  EXPECT_DOUBLE_EQ(agreement.typical_ratio(), 0.25);
  EXPECT_DOUBLE_EQ(agreement.rank_correlation, 1);
}

TEST(AgreementTest, RanksAsSpearmanDoes) {
  // 1 - 6 sum d^2 / (n (n^2 - 1)) with d = 0, 1, 1, 0
  EXPECT_DOUBLE_EQ(
      Compare(std::vector<float>{1, 2, 3, 4}, std::vector<float>{1, 3, 2, 4}).rank_correlation,
      1 - 12.0 / 60);
  EXPECT_DOUBLE_EQ(Compare(std::vector<float>{1, 2}, std::vector<float>{2, 1}).rank_correlation,
                   -1);
  // scipy.stats.spearmanr([1, 2, 2, 3], [1, 2, 3, 4])
  EXPECT_NEAR(
      Compare(std::vector<float>{1, 2, 2, 3}, std::vector<float>{1, 2, 3, 4}).rank_correlation,
      0.9486832980505138, 1e-15);
}

TEST(AgreementTest, EqualValuesAgreeWhateverTheirSpread) {
  EXPECT_EQ(Compare({}, {}).ratio(), 0);
  const std::vector<float> same = {2, 2, 2};
  EXPECT_EQ(Compare(same, same).ratio(), 0);
  EXPECT_EQ(Compare(same, same).rank_correlation, 1);
  EXPECT_TRUE(std::isinf(Compare(same, std::vector<float>{2, 2, 3}).ratio()));
}

TEST(AgreementTest, AValueThatIsNoNumberIsInfinitelyFar) {
  EXPECT_TRUE(std::isinf(Compare(std::vector<float>{1, 2}, std::vector<float>{1, kNan}).ratio()));
  EXPECT_TRUE(std::isinf(Compare(std::vector<float>{kNan, 2}, std::vector<float>{1, 2}).worst));
  EXPECT_TRUE(
      std::isinf(Compare(std::vector<float>{1, kNan, 1}, std::vector<float>{1, 2, 3}).worst));
}

TEST(AgreementTest, LimitsGrowAsNumbersShrink) {
  EXPECT_LT(AgreementLimit(Precision::kFp32), AgreementLimit(Precision::kBf16x3));
  EXPECT_LT(AgreementLimit(Precision::kBf16x3), AgreementLimit(Precision::kBf16));
  EXPECT_LT(AgreementLimit(Precision::kBf16), AgreementLimit(Precision::kInt8));
  EXPECT_LT(AgreementLimit(Precision::kInt8), FaultLimit(Precision::kInt8));
}

}  // namespace
}  // namespace podium::nn
