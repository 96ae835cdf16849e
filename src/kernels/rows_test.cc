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

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<size_t> Lengths() {
  std::vector<size_t> lengths;
  for (size_t n = 1; n <= 70; ++n) {
    lengths.push_back(n);
  }
  lengths.insert(lengths.end(), {127, 128, 312, 384, 768, 1024, 3072});
  return lengths;
}

class RowsTest : public KernelsTest {};

// With m the mean, s the deviation, |z| the magnitudes: the mean is off by dm = gamma(n + 1)
// mean|z|, a difference z - m by dm and one rounding, s relatively by gamma(n + 4) / 2 and, as m is
// the minimum of the sum of squares, by (dm / s)^2; the rest are five roundings.
bool CheckLayerNorm(const std::vector<double>& z, const LayerNormArgs& args, const float* y,
                    WorstCase& worst) {
  const auto n = static_cast<double>(args.cols);
  double mean = 0;
  double magnitude = 0;
  for (const double v : z) {
    mean += v / n;
    magnitude += std::abs(v) / n;
  }
  double variance = 0;
  for (const double v : z) {
    variance += (v - mean) * (v - mean) / n;
  }
  const double s = std::sqrt(variance + double{args.eps});
  const double mean_error = Gamma(args.cols + 2) * magnitude;
  const double deviation_error =
      Gamma(args.cols + 4) + (mean_error / s) * (mean_error / s) + Gamma(6);
  for (size_t j = 0; j < args.cols; ++j) {
    const double beta = args.beta == nullptr ? 0.0 : args.beta[j];
    const double gamma = args.gamma[j];
    const double unit = (z[j] - mean) / s;
    const double unit_error = (mean_error + Gamma(2) * (std::abs(z[j]) + std::abs(mean))) / s +
                              std::abs(unit) * deviation_error;
    const double bound = std::abs(gamma) * unit_error + Gamma(2) * std::abs(beta);
    if (!worst.Within(y[j], unit * gamma + beta, bound, [&] { return Format("{}", args.cols); })) {
      return false;
    }
  }
  return true;
}

TEST_P(RowsTest, LayerNormIsWithinTheRoundingBound) {
  WorstCase worst("layer norm");
  for (const size_t cols : Lengths()) {
    constexpr size_t kRows = 3;
    std::vector<float> x = RandomValues(kRows * cols, 1);
    for (size_t j = 0; j < cols; ++j) {
      x[j] += 10.0F;  // a mean far from zero: where a one-pass variance would cancel
    }
    const std::vector<float> residual = RandomValues(kRows * cols, 2);
    const std::vector<float> gamma = RandomValues(cols, 3);
    const std::vector<float> beta = RandomValues(cols, 4);
    for (const bool with_residual : {false, true}) {
      std::vector<float> y(kRows * cols);
      const LayerNormArgs args = {.x = x.data(),
                                  .residual = with_residual ? residual.data() : nullptr,
                                  .gamma = gamma.data(),
                                  .beta = with_residual ? beta.data() : nullptr,
                                  .eps = 1e-5F,
                                  .rows = kRows,
                                  .cols = cols,
                                  .y = y.data()};
      table().layer_norm(args);
      for (size_t i = 0; i < kRows; ++i) {
        std::vector<double> z(cols);
        for (size_t j = 0; j < cols; ++j) {
          const size_t at = i * cols + j;
          z[j] = with_residual ? x[at] + residual[at] : x[at];
        }
        ASSERT_TRUE(CheckLayerNorm(z, args, y.data() + i * cols, worst)) << cols;
      }
    }
  }
}

TEST_P(RowsTest, LayerNormMayOverwriteItsOperands) {
  constexpr size_t kRows = 3;
  constexpr size_t kCols = 45;
  const std::vector<float> x = RandomValues(kRows * kCols, 1);
  const std::vector<float> residual = RandomValues(kRows * kCols, 2);
  const std::vector<float> gamma = RandomValues(kCols, 3);
  std::vector<float> apart(kRows * kCols);
  LayerNormArgs args = {.x = x.data(),
                        .residual = residual.data(),
                        .gamma = gamma.data(),
                        .eps = 1e-12F,
                        .rows = kRows,
                        .cols = kCols,
                        .y = apart.data()};
  table().layer_norm(args);
  std::vector<float> over_x = x;
  args.x = args.y = over_x.data();
  table().layer_norm(args);
  EXPECT_EQ(over_x, apart);
  std::vector<float> over_residual = residual;
  args.x = x.data();
  args.residual = args.y = over_residual.data();
  table().layer_norm(args);
  EXPECT_EQ(over_residual, apart);
}

TEST_P(RowsTest, LayerNormOfAConstantRowIsBeta) {
  const std::vector<float> x(50, 0.5F);
  const std::vector<float> gamma(50, 3.0F);
  const std::vector<float> beta(50, 0.25F);
  std::vector<float> y(50);
  table().layer_norm({.x = x.data(),
                      .gamma = gamma.data(),
                      .beta = beta.data(),
                      .eps = 1e-12F,
                      .rows = 1,
                      .cols = 50,
                      .y = y.data()});
  EXPECT_EQ(y, beta);
}

TEST_P(RowsTest, RowsDoNotDependOnTheBatch) {
  for (const size_t cols : {1U, 17U, 45U, 384U}) {
    constexpr size_t kRows = 5;
    const std::vector<float> x = RandomValues(kRows * cols, 1);
    const std::vector<float> gamma = RandomValues(cols, 3);
    std::vector<float> norm(kRows * cols);
    table().layer_norm({.x = x.data(),
                        .gamma = gamma.data(),
                        .eps = 1e-5F,
                        .rows = kRows,
                        .cols = cols,
                        .y = norm.data()});
    std::vector<float> soft = x;
    table().softmax(soft.data(), kRows, cols);
    std::vector<float> unit = x;
    table().l2_normalize(unit.data(), kRows, cols);
    for (size_t i = 0; i < kRows; ++i) {
      const size_t at = i * cols;
      const std::vector<float> row(x.begin() + static_cast<std::ptrdiff_t>(at),
                                   x.begin() + static_cast<std::ptrdiff_t>(at + cols));
      std::vector<float> y(cols);
      table().layer_norm({.x = row.data(),
                          .gamma = gamma.data(),
                          .eps = 1e-5F,
                          .rows = 1,
                          .cols = cols,
                          .y = y.data()});
      EXPECT_EQ(std::memcmp(y.data(), norm.data() + at, cols * sizeof(float)), 0);
      y = row;
      table().softmax(y.data(), 1, cols);
      EXPECT_EQ(std::memcmp(y.data(), soft.data() + at, cols * sizeof(float)), 0);
      y = row;
      table().l2_normalize(y.data(), 1, cols);
      EXPECT_EQ(std::memcmp(y.data(), unit.data() + at, cols * sizeof(float)), 0);
    }
  }
}

TEST_P(RowsTest, SoftmaxIsWithinTheRoundingBound) {
  WorstCase worst("softmax");
  for (const size_t cols : Lengths()) {
    std::vector<float> x = RandomValues(cols, 1);
    for (float& v : x) {
      v *= 20.0F;
    }
    std::vector<double> wanted(x.begin(), x.end());
    const double top = *std::max_element(wanted.begin(), wanted.end());
    double sum = 0;
    for (double& w : wanted) {
      w = std::exp(w - top);
      sum += w;
    }
    // The difference is rounded at a size of at most 40, exp is good to 2 roundings.
    const double relative = std::expm1(kRounding * 40) * 2 + Gamma(cols + 6);
    table().softmax(x.data(), 1, cols);
    for (size_t j = 0; j < cols; ++j) {
      ASSERT_TRUE(worst.Within(x[j], wanted[j] / sum, relative * wanted[j] / sum,
                               [&] { return Format("{}", cols); }));
    }
  }
}

// In a row {0, x} the two results are in the ratio exp(x), with a division each.
TEST_P(RowsTest, SoftmaxShowsExpGoodToOneUlp) {
  WorstCase worst("exp, in 2^-23");
  for (int i = 0; i <= 87'000; ++i) {
    const float x = -static_cast<float>(i) / 1000.0F;
    float row[2] = {0.0F, x};
    table().softmax(row, 1, 2);
    const double wanted = std::exp(double{x});
    ASSERT_TRUE(worst.Within(double{row[1]} / double{row[0]}, wanted,
                             (1 + 0.5 + 0.5) * 0x1p-23 * wanted, [&] { return Format("{}", x); }));
  }
  // Below the normal range: to one unit of the last subnormal place.
  for (int i = 87'000; i <= 110'000; ++i) {
    const float x = -static_cast<float>(i) / 1000.0F;
    float row[2] = {0.0F, x};
    table().softmax(row, 1, 2);
    ASSERT_NEAR(row[1], std::exp(double{x}), 1e-7 * std::exp(double{x}) + 0x1p-149) << x;
  }
}

TEST_P(RowsTest, SoftmaxOfSpecialValues) {
  for (const size_t cols : {5U, 16U, 21U, 40U}) {
    std::vector<float> x(cols, -kInfinity);
    x[cols - 1] = 3.0F;
    table().softmax(x.data(), 1, cols);
    EXPECT_EQ(x[cols - 1], 1.0F);
    EXPECT_EQ(x[0], 0.0F);
    x.assign(cols, 1.0F);
    x[2] = kNan;
    table().softmax(x.data(), 1, cols);
    EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](float v) { return std::isnan(v); }));
    x.assign(cols, -kInfinity);
    table().softmax(x.data(), 1, cols);
    EXPECT_TRUE(std::isnan(x[0]));
    x.assign(cols, 3e38F);
    table().softmax(x.data(), 1, cols);
    EXPECT_NEAR(x[0], 1.0 / static_cast<double>(cols), 1e-7);
  }
  table().softmax(nullptr, 0, 7);
  table().softmax(nullptr, 7, 0);
}

TEST_P(RowsTest, DotIsWithinTheRoundingBound) {
  WorstCase worst("dot");
  for (const size_t count : Lengths()) {
    const std::vector<float> a = RandomValues(count, 1);
    const std::vector<float> b = RandomValues(count, 2);
    double wanted = 0;
    double magnitude = 0;
    for (size_t i = 0; i < count; ++i) {
      wanted += double{a[i]} * b[i];
      magnitude += std::abs(double{a[i]} * b[i]);
    }
    EXPECT_TRUE(worst.Within(table().dot(a.data(), b.data(), count), wanted,
                             Gamma(count) * magnitude, [&] { return Format("{}", count); }));
  }
  EXPECT_EQ(table().dot(nullptr, nullptr, 0), 0.0F);
  const float nan = kNan;
  EXPECT_TRUE(std::isnan(table().dot(&nan, &nan, 1)));
}

TEST_P(RowsTest, AddIsExactAndStopsAtTheEnd) {
  for (const size_t count : Lengths()) {
    const std::vector<float> a = RandomValues(count, 1);
    const std::vector<float> b = RandomValues(count, 2);
    std::vector<float> y(count + 1, -7.0F);
    table().add(a.data(), b.data(), count, y.data());
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(y[i], a[i] + b[i]);
    }
    ASSERT_EQ(y[count], -7.0F);
    y = a;
    table().add(y.data(), b.data(), count, y.data());
    ASSERT_EQ(y[count - 1], a[count - 1] + b[count - 1]);
  }
}

TEST_P(RowsTest, L2NormalizeGivesUnitRows) {
  WorstCase worst("l2 normalize");
  for (const size_t cols : Lengths()) {
    const std::vector<float> x = RandomValues(cols, 1);
    std::vector<float> y = x;
    table().l2_normalize(y.data(), 1, cols);
    double squares = 0;
    for (const float v : x) {
      squares += double{v} * v;
    }
    for (size_t j = 0; j < cols; ++j) {
      const double wanted = x[j] / std::sqrt(squares);
      EXPECT_TRUE(worst.Within(y[j], wanted, Gamma(cols + 4) * std::abs(wanted),
                               [&] { return Format("{}", cols); }));
    }
  }
  std::vector<float> zeros(20, 0.0F);
  table().l2_normalize(zeros.data(), 1, 20);
  EXPECT_EQ(zeros, std::vector<float>(20, 0.0F));
  std::vector<float> bad(20, 1.0F);
  bad[18] = kNan;
  table().l2_normalize(bad.data(), 1, 20);
  EXPECT_TRUE(std::isnan(bad[0]));
}

PODIUM_INSTANTIATE_KERNELS_TEST(RowsTest);

}  // namespace
}  // namespace podium::kernels
