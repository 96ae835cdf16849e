#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/kernels_test_util.h"
#include "kernels/reduced_test_util.h"

namespace podium::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kGreatest = std::numeric_limits<float>::max();
constexpr float kLeastSubnormal = std::numeric_limits<float>::denorm_min();

std::vector<size_t> Widths() {
  std::vector<size_t> widths = {128, 312, 384, 768, 1000};
  for (size_t cols = 1; cols <= 70; ++cols) {
    widths.push_back(cols);
  }
  return widths;
}

class ConvertTest : public KernelsTest {
 protected:
  // What the table converts to: all that its products read.
  std::vector<Numbers> targets() const {
    return table().gemm_bf16 == nullptr
               ? std::vector{Numbers::kI8}
               : std::vector{Numbers::kBf16, Numbers::kSplit, Numbers::kI8};
  }
  std::vector<Numbers> sources() const {
    return table().gemm_bf16 == nullptr ? std::vector{Numbers::kF32}
                                        : std::vector{Numbers::kF32, Numbers::kBf16};
  }

  TestRows Convert(const KernelTable& by, const TestRows& from, Numbers to, size_t rows,
                   size_t cols) const {
    TestRows out(to, rows, cols);
    by.convert({.from = from.rows(), .to = out.rows(), .rows = rows, .cols = cols});
    return out;
  }
};

// The bytes that mean something: of kI8 the padding is anything.
bool SameBits(const TestRows& a, const TestRows& b, size_t row, size_t cols) {
  const size_t size = a.numbers() == Numbers::kI8 ? cols : a.bytes(row).size();
  const float scales[] = {a.scale(row), b.scale(row)};
  return std::memcmp(a.bytes(row).data(), b.bytes(row).data(), size) == 0 &&
         (a.numbers() != Numbers::kI8 || std::memcmp(&scales[0], &scales[1], sizeof(float)) == 0);
}

TEST_P(ConvertTest, EqualsThePortableOneToTheBit) {
  constexpr size_t kRows = 3;
  const KernelTable& scalar = *TableFor(Isa::kScalar);
  for (const size_t cols : Widths()) {
    const std::vector<float> values = RandomValues(kRows * cols, cols);
    for (const Numbers from : sources()) {
      const TestRows source(from, kRows, cols, values);
      for (const Numbers to : targets()) {
        if (from == Numbers::kBf16 && to != Numbers::kI8) {
          continue;  // nobody needs it: a product takes either as it is
        }
        const TestRows here = Convert(table(), source, to, kRows, cols);
        const TestRows there = Convert(scalar, source, to, kRows, cols);
        for (size_t i = 0; i < kRows; ++i) {
          ASSERT_TRUE(SameBits(here, there, i, cols))
              << NumbersName(from) << " to " << NumbersName(to) << ", cols " << cols;
        }
        ASSERT_TRUE(here.PaddingIsZero()) << NumbersName(to) << ", cols " << cols;
      }
    }
  }
}

TEST_P(ConvertTest, ARowDoesNotDependOnTheOthers) {
  constexpr size_t kRows = 5;
  for (const size_t cols : {7U, 64U, 100U}) {
    const TestRows source(Numbers::kF32, kRows, cols, RandomValues(kRows * cols, 1));
    for (const Numbers to : targets()) {
      const TestRows all = Convert(table(), source, to, kRows, cols);
      for (size_t i = 0; i < kRows; ++i) {
        TestRows one(to, kRows, cols);
        table().convert({.from = source.rows(i), .to = one.rows(i), .rows = 1, .cols = cols});
        ASSERT_TRUE(SameBits(one, all, i, cols)) << NumbersName(to) << ", cols " << cols;
      }
    }
  }
}

// Half a step of the row's scale, and what the multiplication by its inverse rounds.
TEST_P(ConvertTest, Int8IsWithinHalfAStep) {
  for (const size_t cols : Widths()) {
    const std::vector<float> values = RandomValues(cols, cols);
    const TestRows source(Numbers::kF32, 1, cols, values);
    const TestRows out = Convert(table(), source, Numbers::kI8, 1, cols);
    const double scale = out.scale(0);
    for (size_t j = 0; j < cols; ++j) {
      ASSERT_NEAR(out.at(0, j), values[j], scale * (0.5 + 256 * kRounding)) << j << " of " << cols;
      ASSERT_GE(out.byte(0, j), 1) << j << " of " << cols;
    }
  }
}

TEST_P(ConvertTest, Int8RowsOfZerosAndTinyOnesAreZeros) {
  constexpr size_t kCols = 37;
  const std::vector<std::vector<float>> rows = {
      std::vector<float>(kCols, 0.0F), std::vector<float>(kCols, -0.0F),
      std::vector<float>(kCols, kLeastSubnormal), std::vector<float>(kCols, -0.99e-30F)};
  for (const std::vector<float>& row : rows) {
    const TestRows source(Numbers::kF32, 1, kCols, row);
    const TestRows out = Convert(table(), source, Numbers::kI8, 1, kCols);
    EXPECT_EQ(out.scale(0), 0.0F) << row[0];
    for (size_t j = 0; j < kCols; ++j) {
      ASSERT_EQ(out.byte(0, j), 128) << row[0];
    }
  }
}

TEST_P(ConvertTest, Int8TakesTheGreatestAndTheLeastFloats) {
  for (const float size : {kGreatest, kLeastI8Magnitude, 1.0F}) {
    std::vector<float> row(40, -size);
    row[3] = size / 2;
    row[39] = size;
    const TestRows source(Numbers::kF32, 1, row.size(), row);
    const TestRows out = Convert(table(), source, Numbers::kI8, 1, row.size());
    EXPECT_EQ(out.scale(0), size / 127.0F);
    EXPECT_EQ(out.byte(0, 0), 1) << size;
    EXPECT_EQ(out.byte(0, 3), 128 + 64) << size;  // 63.5, to even
    EXPECT_EQ(out.byte(0, 39), 255) << size;
  }
}

// Wherever in a row it is; and the rows beside it are as they would be without it.
TEST_P(ConvertTest, AnInfinityOrNanPoisonsItsRowAlone) {
  for (const size_t cols : {1U, 16U, 17U, 33U, 100U}) {
    for (const float poison : {kNan, -kNan, kInfinity, -kInfinity}) {
      for (const size_t at : {size_t{0}, cols / 2, cols - 1}) {
        std::vector<float> values = RandomValues(3 * cols, 1);
        values[cols + at] = poison;
        for (const Numbers from : sources()) {
          const TestRows source(from, 3, cols, values);
          const TestRows out = Convert(table(), source, Numbers::kI8, 3, cols);
          ASSERT_FALSE(std::isnan(out.scale(0))) << cols;
          ASSERT_TRUE(std::isnan(out.scale(1))) << cols << ' ' << at << ' ' << poison;
          ASSERT_FALSE(std::isnan(out.scale(2))) << cols;
        }
      }
    }
  }
}

TEST_P(ConvertTest, Bf16RoundsToNearestEven) {
  if (table().gemm_bf16 == nullptr) {
    GTEST_SKIP() << "no product in bf16";
  }
  const std::vector<float> values = {1.0F,
                                     1.00390625F,  // half way, to even
                                     1.01171875F,  // half way, to even
                                     1.00390637F,
                                     -3.4e38F,  // rounds to minus infinity
                                     kGreatest,
                                     1e-40F,  // subnormal: zero of its sign
                                     -kLeastSubnormal,
                                     std::numeric_limits<float>::min(),
                                     -0.0F,
                                     kInfinity,
                                     -kInfinity,
                                     kNan};
  const size_t cols = values.size();
  const TestRows source(Numbers::kF32, 1, cols, values);
  const TestRows bf16 = Convert(table(), source, Numbers::kBf16, 1, cols);
  const uint16_t wanted[] = {0x3F80, 0x3F80, 0x3F82, 0x3F81, 0xFF80, 0x7F80, 0x0000,
                             0x8000, 0x0080, 0x8000, 0x7F80, 0xFF80, 0x7FC0};
  EXPECT_EQ(std::memcmp(bf16.bytes(0).data(), wanted, sizeof wanted), 0);
  EXPECT_TRUE(bf16.PaddingIsZero());
}

// What is left after a rounding to 8 bits is at most 2^-8 of a float, and rounded to 2^-9 of that
// or exact; what cannot be split is NaN.
TEST_P(ConvertTest, SplitKeepsSixteenBits) {
  if (table().gemm_split == nullptr) {
    GTEST_SKIP() << "no product in split bf16";
  }
  constexpr size_t kCols = 1000;
  std::vector<float> values = RandomValues(kCols, 9);
  values[0] = kNan;
  values[1] = kInfinity;
  values[2] = -0.0F;
  const TestRows source(Numbers::kF32, 1, kCols, values);
  const TestRows out = Convert(table(), source, Numbers::kSplit, 1, kCols);
  EXPECT_TRUE(std::isnan(out.at(0, 0)));
  EXPECT_TRUE(std::isnan(out.at(0, 1)));
  for (size_t j = 2; j < kCols; ++j) {
    ASSERT_LE(std::abs(double{out.at(0, j)} - values[j]), 0x1p-17 * std::abs(values[j])) << j;
  }
}

class LayerNormOperandTest : public ConvertTest {
 protected:
  static constexpr size_t kRows = 4;

  // Result and operand, which must be what converting the result gives.
  void Check(size_t cols, Numbers to, const std::vector<float>& x) const {
    const std::vector<float> gamma = RandomValues(cols, 2);
    const std::vector<float> beta = RandomValues(cols, 3);
    TestRows y(Numbers::kF32, kRows, cols);
    TestRows operand(to, kRows, cols);
    table().layer_norm({.x = x.data(),
                        .gamma = gamma.data(),
                        .beta = beta.data(),
                        .eps = 1e-12F,
                        .rows = kRows,
                        .cols = cols,
                        .y = static_cast<float*>(y.rows().data),
                        .operand = operand.rows()});
    const TestRows wanted = Convert(*TableFor(Isa::kScalar), y, to, kRows, cols);
    for (size_t i = 0; i < kRows; ++i) {
      const bool nan = std::isnan(y.at(i, 0));
      ASSERT_TRUE(nan ? IsNan(operand, i) : SameBits(operand, wanted, i, cols))
          << NumbersName(to) << ", cols " << cols << ", row " << i;
    }
    ASSERT_TRUE(operand.PaddingIsZero()) << NumbersName(to) << ", cols " << cols;
  }

 private:
  static bool IsNan(const TestRows& rows, size_t i) {
    return std::isnan(rows.numbers() == Numbers::kI8 ? rows.scale(i) : rows.at(i, 0));
  }
};

TEST_P(LayerNormOperandTest, IsTheResultConverted) {
  for (const size_t cols : Widths()) {
    for (const Numbers to : targets()) {
      Check(cols, to, RandomValues(kRows * cols, cols));
    }
  }
}

TEST_P(LayerNormOperandTest, NanStaysInItsRow) {
  constexpr size_t kCols = 50;
  std::vector<float> x = RandomValues(kRows * kCols, 1);
  x[2 * kCols + 11] = kNan;
  for (const Numbers to : targets()) {
    Check(kCols, to, x);
  }
}

PODIUM_INSTANTIATE_KERNELS_TEST(ConvertTest);
PODIUM_INSTANTIATE_KERNELS_TEST(LayerNormOperandTest);

}  // namespace
}  // namespace podium::kernels
