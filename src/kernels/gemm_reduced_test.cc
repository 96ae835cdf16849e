#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/exposed_memory.h"
#include "kernels/kernels_test_util.h"
#include "kernels/reduced_test_util.h"

namespace podium::kernels {
namespace {

constexpr Numbers kReduced[] = {Numbers::kBf16, Numbers::kSplit, Numbers::kI8};

// A product with operands of its own; `a` and `w` are what is left of them after rounding.
struct Problem {
  size_t m;
  size_t k;
  size_t n;
  Numbers numbers;
  TestRows a;
  std::vector<float> w;
  std::vector<float> bias;
  std::vector<float> residual;
  PackedMatrix packed;
  ExposedMemory packed_memory;

  Problem(const KernelTable& table, Numbers numbers_in, size_t m_in, size_t k_in, size_t n_in)
      : m(m_in),
        k(k_in),
        n(n_in),
        numbers(numbers_in),
        a(numbers, m, k, RandomValues(m * k, 1)),
        w(RandomValues(n * k, 2)),
        bias(RandomValues(n, 3)),
        residual(RandomValues(m * n, 4)) {
    Pack(table);
  }

  // `w` becomes what is left of it.
  void Pack(const KernelTable& table) {
    auto result = PackedMatrix::Pack(table, numbers, w, n, k);
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    packed = std::move(result).value();
    const PackedView view = packed.view();
    const size_t columns = (n + view.panel_columns - 1) / view.panel_columns * view.panel_columns;
    const size_t parts = numbers == Numbers::kSplit ? 2 : 1;
    packed_memory = ExposedMemory(view.data, parts * columns * view.steps * kStepBytes);
    RoundWeights();
  }

  void RoundWeights() {
    for (size_t j = 0; j < n; ++j) {
      float* const row = w.data() + j * k;
      if (numbers != Numbers::kI8) {
        std::transform(row, row + k, row, [&](float x) { return Rounded(numbers, x); });
        continue;
      }
      const float scale = packed.view().scales[j];
      std::transform(row, row + k, row, [&](float x) {
        return scale == 0 ? 0.0F : std::nearbyint(x / scale) * scale;
      });
    }
  }

  GemmArgs Args(const Rows& c) const {
    static ExposedBuffer<char> scratch(kGemmScratchBytes);
    GemmArgs args;
    args.a = a.rows();
    args.m = m;
    args.b = packed.view();
    args.bias = bias.data();
    args.residual = residual.data();
    args.residual_stride = n;
    args.c = c;
    args.scratch = scratch.data();
    return args;
  }

  TestRows Run(const KernelTable& table, Numbers out = Numbers::kF32) const {
    TestRows c(out, m, n);
    GemmFor(table, numbers)(Args(c.rows()));
    return c;
  }
};

std::string ShapeName(const Problem& p) {
  return Format("{}: m {} k {} n {}", NumbersName(p.numbers), p.m, p.k, p.n);
}

// Each element against double. Sums of rounded operands: k products and additions, bias, residual;
// of kSplit also the products of what was left over twice, 2^-16 of each term. Integers are exact;
// what the weights' scale rounds is 2^-24 of each term.
bool CheckAgainstDouble(const Problem& p, const TestRows& c, WorstCase& worst) {
  const double split = p.numbers == Numbers::kSplit ? 0x1p-16 : 0;
  const double unit = Gamma(3 * p.k + 8) + split + OutputRounding(c.numbers());
  for (size_t i = 0; i < p.m; ++i) {
    for (size_t j = 0; j < p.n; ++j) {
      double sum = p.bias[j];
      double magnitude = std::abs(sum);
      for (size_t q = 0; q < p.k; ++q) {
        const double term = double{p.a.at(i, q)} * p.w[j * p.k + q];
        sum += term;
        magnitude += std::abs(term);
      }
      sum += p.residual[i * p.n + j];
      magnitude += std::abs(p.residual[i * p.n + j]);
      if (!worst.Within(c.at(i, j), sum, unit * magnitude, [&] { return ShapeName(p); })) {
        return false;
      }
    }
  }
  return c.PaddingIsZero();
}

class GemmReducedTest : public KernelsTest {
 protected:
  std::vector<Numbers> numbers() const {
    std::vector<Numbers> found;
    std::copy_if(std::begin(kReduced), std::end(kReduced), std::back_inserter(found),
                 [&](Numbers n) { return GemmFor(table(), n) != nullptr; });
    return found;
  }
  // What a product of the table can deliver.
  std::vector<Numbers> outputs() const {
    return table().gemm_bf16 == nullptr
               ? std::vector{Numbers::kF32}
               : std::vector{Numbers::kF32, Numbers::kBf16, Numbers::kSplit};
  }
};

TEST_P(GemmReducedTest, EverySmallShapeIsWithinTheRoundingBound) {
  for (const Numbers each : numbers()) {
    WorstCase worst(Format("{}, small shapes", NumbersName(each)));
    for (const size_t m : {1U, 2U, 5U, 13U, 14U, 15U, 31U, 33U}) {
      for (const size_t n : {1U, 7U, 15U, 16U, 17U, 31U, 32U, 33U, 66U}) {
        for (const size_t k : {1U, 2U, 3U, 4U, 5U, 31U, 32U, 33U, 63U, 64U, 65U, 130U}) {
          const Problem p(table(), each, m, k, n);
          for (const Numbers out : outputs()) {
            ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table(), out), worst)) << ShapeName(p);
          }
        }
      }
    }
    for (size_t m = 1; m <= 40; ++m) {
      const Problem p(table(), each, m, 70, 19);
      ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table()), worst)) << ShapeName(p);
    }
  }
}

TEST_P(GemmReducedTest, ShapesOfModelsAreWithinTheRoundingBound) {
  for (const Numbers each : numbers()) {
    WorstCase worst(Format("{}, shapes of models", NumbersName(each)));
    for (const auto& [k, n] : {std::pair{384U, 1152U},
                               {384U, 384U},
                               {1536U, 384U},
                               {312U, 1200U},
                               {768U, 128U},
                               {3072U, 96U}}) {
      const Problem p(table(), each, 33, k, n);
      ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table()), worst)) << ShapeName(p);
    }
  }
}

// A row computed alone, with any number of others, or in column shares has the same bits.
TEST_P(GemmReducedTest, RowsAndColumnSharesDoNotDependOnTheBatch) {
  for (const Numbers each : numbers()) {
    for (const size_t k : {24U, 300U, 1200U}) {
      const Problem p(table(), each, 270, k, 100);
      const TestRows all = p.Run(table());
      for (const size_t i : {0U, 1U, 13U, 31U, 32U, 127U, 255U, 256U, 263U}) {
        for (const size_t rows : {1U, 2U, 7U}) {
          TestRows c(Numbers::kF32, rows, p.n);
          GemmArgs args = p.Args(c.rows());
          args.a = p.a.rows(i);
          args.m = rows;
          args.residual += i * p.n;
          GemmFor(table(), each)(args);
          for (size_t r = 0; r < rows; ++r) {
            ASSERT_TRUE(c.SameRow(r, all, i + r)) << ShapeName(p) << ", row " << i + r;
          }
        }
      }
      TestRows shared(Numbers::kF32, p.m, p.n);
      for (size_t begin = 0; begin < p.n; begin += table().panel_columns) {
        GemmArgs args = p.Args(shared.rows());
        args.n_begin = begin;
        args.n_end = std::min(begin + table().panel_columns, p.n);
        GemmFor(table(), each)(args);
      }
      for (size_t i = 0; i < p.m; ++i) {
        ASSERT_TRUE(shared.SameRow(i, all, i)) << ShapeName(p) << ", row " << i;
      }
    }
  }
}

TEST_P(GemmReducedTest, AppliesActivationBetweenBiasAndResidual) {
  for (const Numbers each : numbers()) {
    const Problem p(table(), each, 20, 40, 70);
    TestRows plain(Numbers::kF32, p.m, p.n);
    GemmArgs args = p.Args(plain.rows());
    args.residual = nullptr;
    GemmFor(table(), each)(args);
    for (const Activation activation : {Activation::kGeluErf, Activation::kGeluTanh,
                                        Activation::kRelu, Activation::kSilu, Activation::kTanh}) {
      for (const Numbers out : outputs()) {
        TestRows c(out, p.m, p.n);
        args.c = c.rows();
        args.activation = activation;
        args.residual = p.residual.data();
        GemmFor(table(), each)(args);
        for (size_t i = 0; i < p.m; ++i) {
          for (size_t j = 0; j < p.n; ++j) {
            const float x = plain.at(i, j);
            float wanted = x;
            table().activate(activation, &wanted, 1);
            wanted += p.residual[i * p.n + j];
            // math_bf16-inl.h: FastGeluErf is within 1.4e-4 |x|.
            const double fast = out == Numbers::kBf16 ? 1.4e-4 * std::abs(x) : 0;
            ASSERT_NEAR(c.at(i, j), wanted,
                        fast + (OutputRounding(out) + 4 * kRounding) * (std::abs(wanted) + 1))
                << ShapeName(p) << ' ' << i << ' ' << j;
          }
        }
      }
    }
  }
}

TEST_P(GemmReducedTest, NanAndInfinityStayInTheirRow) {
  for (const Numbers each : numbers()) {
    Problem p(table(), each, 40, 70, 70);
    std::vector<float> values = RandomValues(p.m * p.k, 1);
    values[3 * p.k + 7] = std::numeric_limits<float>::quiet_NaN();
    values[35 * p.k + 69] = std::numeric_limits<float>::infinity();
    p.a = TestRows(each, p.m, p.k, values);
    const TestRows c = p.Run(table());
    for (size_t i = 0; i < p.m; ++i) {
      for (size_t j = 0; j < p.n; ++j) {
        ASSERT_EQ(std::isfinite(c.at(i, j)), i != 3 && i != 35) << ShapeName(p) << ' ' << i;
      }
    }
  }
}

TEST_P(GemmReducedTest, AProductOverNothingOwesBiasAndResidual) {
  for (const Numbers each : numbers()) {
    const Problem p(table(), each, 40, 0, 70);
    const TestRows c = p.Run(table());
    for (size_t i = 0; i < p.m; ++i) {
      for (size_t j = 0; j < p.n; ++j) {
        ASSERT_EQ(c.at(i, j), p.bias[j] + p.residual[i * p.n + j]) << ShapeName(p) << ' ' << i;
      }
    }
  }
}

// Integer sums are exact, so that instruction sets differ in the last float operations only.
TEST_P(GemmReducedTest, Int8EqualsThePortableOneToTheLastRounding) {
  const KernelTable& scalar = *TableFor(Isa::kScalar);
  const Problem here(table(), Numbers::kI8, 50, 500, 75);
  const Problem there(scalar, Numbers::kI8, 50, 500, 75);
  const TestRows c = here.Run(table());
  const TestRows wanted = there.Run(scalar);
  for (size_t i = 0; i < here.m; ++i) {
    for (size_t j = 0; j < here.n; ++j) {
      ASSERT_NEAR(c.at(i, j), wanted.at(i, j), 4 * kRounding * (std::abs(wanted.at(i, j)) + 4));
    }
  }
}

// All extremes of both operands: 255 * -127 four times over would overflow 16-bit partial sums.
TEST_P(GemmReducedTest, Int8SumsDoNotSaturate) {
  constexpr size_t kDepth = 256;
  Problem p(table(), Numbers::kI8, 3, kDepth, 33);
  std::fill(p.w.begin(), p.w.end(), -1.0F);
  p.Pack(table());
  p.a = TestRows(Numbers::kI8, p.m, p.k, std::vector<float>(p.m * p.k, 1.0F));
  std::fill(p.bias.begin(), p.bias.end(), 0.0F);
  std::fill(p.residual.begin(), p.residual.end(), 0.0F);
  const TestRows c = p.Run(table());
  for (size_t j = 0; j < p.n; ++j) {
    ASSERT_NEAR(c.at(2, j), -static_cast<double>(kDepth), 1e-3);
  }
}

PODIUM_INSTANTIATE_KERNELS_TEST(GemmReducedTest);

TEST(PackedMatrixTest, RefusesNumbersWithoutAProduct) {
  const KernelTable* avx2 = TableFor(Isa::kAvx2);
  if (avx2 == nullptr) {
    GTEST_SKIP() << "this CPU has no AVX2";
  }
  EXPECT_EQ(
      PackedMatrix::Pack(*avx2, Numbers::kBf16, std::vector<float>(6), 2, 3).status().ToString(),
      "unsupported: the avx2 kernels have no product in bf16");
}

TEST(PackedMatrixTest, RoundsEachOutputByItsGreatestWeight) {
  const std::vector<float> w = {1, -2, 0.5F, 0, 0, 0, 1e-38F, 0, 0};
  const auto packed = PackedMatrix::Pack(*TableFor(Isa::kScalar), Numbers::kI8, w, 3, 3);
  ASSERT_TRUE(packed.ok());
  const PackedView view = packed->view();
  EXPECT_FLOAT_EQ(view.scales[0], 2.0F / 127.0F);
  EXPECT_EQ(view.scales[1], 0.0F);
  EXPECT_EQ(view.scales[2], 0.0F);  // its inverse would be infinite
  const auto* const q = static_cast<const int8_t*>(view.data);
  EXPECT_EQ(q[0], 64);
  EXPECT_EQ(q[1], -127);
  EXPECT_EQ(q[2], 32);
  EXPECT_EQ(view.sums[0], 128 * (64 - 127 + 32));
  EXPECT_EQ(view.steps, kStepsPerLine);
}

TEST(Bf16Test, RoundsToNearestEven) {
  EXPECT_EQ(Bf16FromFloat(1.0F), 0x3F80);
  EXPECT_EQ(Bf16FromFloat(1.00390625F), 0x3F80);  // half way, to even
  EXPECT_EQ(Bf16FromFloat(1.01171875F), 0x3F82);  // half way, to even
  EXPECT_EQ(Bf16FromFloat(1.00390637F), 0x3F81);
  EXPECT_EQ(Bf16FromFloat(-3.4e38F), 0xFF80);  // rounds to minus infinity
  EXPECT_EQ(Bf16FromFloat(1e-40F), 0);
  EXPECT_TRUE(std::isnan(FloatFromBf16(Bf16FromFloat(std::nanf("")))));
  EXPECT_TRUE(std::isinf(FloatFromBf16(Bf16FromFloat(HUGE_VALF))));
}

}  // namespace
}  // namespace podium::kernels
