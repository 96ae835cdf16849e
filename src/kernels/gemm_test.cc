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

// A product with operands of its own and a result with a margin around it.
struct Problem {
  size_t m;
  size_t k;
  size_t n;
  size_t lda;
  size_t ldc;
  std::vector<float> a;
  std::vector<float> w;
  std::vector<float> bias;
  std::vector<float> residual;
  PackedMatrix packed;

  Problem(const KernelTable& table, size_t m_in, size_t k_in, size_t n_in)
      : m(m_in),
        k(k_in),
        n(n_in),
        lda(k + 3),
        ldc(n + 5),
        a(RandomValues(m * lda, 1)),
        w(RandomValues(n * k, 2)),
        bias(RandomValues(n, 3)),
        residual(RandomValues(m * ldc, 4)) {
    auto result = PackedMatrix::Pack(table, Numbers::kF32, w, n, k);
    EXPECT_TRUE(result.ok());
    packed = std::move(result).value();
  }

  std::vector<float> NewResult() const { return std::vector<float>(m * ldc, kUntouched); }

  GemmArgs Args(std::vector<float>& c) const {
    static AlignedBuffer<char> scratch(kGemmScratchBytes);
    GemmArgs args;
    args.a = {Numbers::kF32, a.data(), lda};
    args.m = m;
    args.b = packed.view();
    args.residual_stride = ldc;
    args.c = {.numbers = Numbers::kF32, .data = c.data(), .stride = ldc};
    args.scratch = scratch.data();
    return args;
  }

  std::vector<float> Run(const KernelTable& table) const {
    std::vector<float> c = NewResult();
    GemmArgs args = Args(c);
    args.bias = bias.data();
    args.residual = residual.data();
    table.gemm_f32(args);
    return c;
  }
};

std::string ShapeName(const Problem& p) {
  return Format("m {} k {} n {}", p.m, p.k, p.n);
}

// Each element against double, within what k products, as many additions, the bias and the residual
// may round: Higham's bound for an inner product in any order, section 3.1.
bool CheckAgainstDouble(const Problem& p, const std::vector<float>& c, WorstCase& worst) {
  for (size_t i = 0; i < p.m; ++i) {
    for (size_t j = 0; j < p.ldc; ++j) {
      const float actual = c[i * p.ldc + j];
      if (j >= p.n) {
        if (actual != kUntouched) {
          return false;
        }
        continue;
      }
      double sum = p.bias[j];
      double magnitude = std::abs(sum);
      for (size_t q = 0; q < p.k; ++q) {
        const double term = double{p.a[i * p.lda + q]} * p.w[j * p.k + q];
        sum += term;
        magnitude += std::abs(term);
      }
      sum += p.residual[i * p.ldc + j];
      magnitude += std::abs(p.residual[i * p.ldc + j]);
      if (!worst.Within(actual, sum, Gamma(p.k + 2) * magnitude, [&] { return ShapeName(p); })) {
        return false;
      }
    }
  }
  return true;
}

class GemmTest : public KernelsTest {};

TEST_P(GemmTest, EverySmallShapeIsWithinTheRoundingBound) {
  WorstCase worst("gemm, small shapes");
  for (const size_t m : {1U, 2U, 5U, 7U, 14U, 15U}) {
    for (size_t n = 1; n <= 66; ++n) {
      for (const size_t k : {1U, 7U, 8U, 9U, 15U, 17U, 33U}) {
        const Problem p(table(), m, k, n);
        ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table()), worst)) << ShapeName(p);
      }
    }
  }
  for (size_t m = 1; m <= 33; ++m) {
    for (size_t k = 1; k <= 34; ++k) {
      const Problem p(table(), m, k, 19);
      ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table()), worst)) << ShapeName(p);
    }
  }
}

TEST_P(GemmTest, ModelShapesAreWithinTheRoundingBound) {
  WorstCase worst("gemm, model shapes");
  constexpr size_t kSizes[] = {24, 32, 64, 312, 384, 768, 1024, 3072};
  for (const size_t k : kSizes) {
    for (const size_t n : kSizes) {
      if (k * n > 1024 * 3072) {
        continue;
      }
      // Enough rows for two row blocks (256) only where that stays quick.
      const size_t m = k * n <= 64 * 64 ? 260 : k * n <= 384 * 384 ? 9 : 1;
      const Problem p(table(), m, k, n);
      ASSERT_TRUE(CheckAgainstDouble(p, p.Run(table()), worst)) << ShapeName(p);
    }
  }
}

TEST_P(GemmTest, WithoutInputsLeavesBiasAndResidual) {
  const Problem p(table(), 3, 0, 5);
  const std::vector<float> c = p.Run(table());
  for (size_t i = 0; i < p.m; ++i) {
    for (size_t j = 0; j < p.n; ++j) {
      EXPECT_EQ(c[i * p.ldc + j], p.bias[j] + p.residual[i * p.ldc + j]);
    }
  }
}

// A row computed alone, with any number of others, or in column shares has the same bits.
TEST_P(GemmTest, RowsAndColumnSharesDoNotDependOnTheBatch) {
  for (const size_t k : {24U, 300U, 768U}) {
    const Problem p(table(), 270, k, 100);
    const std::vector<float> all = p.Run(table());
    for (const size_t i : {0U, 1U, 13U, 14U, 127U, 128U, 255U, 256U, 269U}) {
      for (const size_t rows : {1U, 2U, 7U}) {
        if (i + rows > p.m) {
          continue;
        }
        std::vector<float> c = p.NewResult();
        GemmArgs args = p.Args(c);
        args.a.data = p.a.data() + i * p.lda;
        args.m = rows;
        args.bias = p.bias.data();
        args.residual = p.residual.data() + i * p.ldc;
        table().gemm_f32(args);
        for (size_t r = 0; r < rows; ++r) {
          ASSERT_EQ(
              std::memcmp(c.data() + r * p.ldc, all.data() + (i + r) * p.ldc, p.n * sizeof(float)),
              0)
              << "row " << i + r << " of " << rows << ", k " << k;
        }
      }
    }
    std::vector<float> shared = p.NewResult();
    const size_t width = table().panel_columns;
    for (size_t begin = 0; begin < p.n; begin += width) {
      GemmArgs args = p.Args(shared);
      args.bias = p.bias.data();
      args.residual = p.residual.data();
      args.n_begin = begin;
      args.n_end = std::min(begin + width, p.n);
      table().gemm_f32(args);
    }
    ASSERT_EQ(shared, all);
  }
}

TEST_P(GemmTest, AppliesActivationBetweenBiasAndResidual) {
  for (const Activation activation : {Activation::kGeluErf, Activation::kGeluTanh,
                                      Activation::kRelu, Activation::kSilu, Activation::kTanh}) {
    const Problem p(table(), 20, 40, 70);
    std::vector<float> c = p.NewResult();
    GemmArgs args = p.Args(c);
    args.bias = p.bias.data();
    table().gemm_f32(args);
    std::vector<float> wanted = c;
    for (size_t i = 0; i < p.m; ++i) {
      table().activate(activation, wanted.data() + i * p.ldc, p.n);
      table().add(wanted.data() + i * p.ldc, p.residual.data() + i * p.ldc, p.n,
                  wanted.data() + i * p.ldc);
    }
    args.activation = activation;
    args.residual = p.residual.data();
    table().gemm_f32(args);
    EXPECT_EQ(c, wanted);
  }
}

TEST_P(GemmTest, NanAndInfinityStayInTheirRowAndColumn) {
  Problem p(table(), 20, 40, 70);
  p.a[3 * p.lda + 7] = std::numeric_limits<float>::quiet_NaN();
  p.a[15 * p.lda + 9] = std::numeric_limits<float>::infinity();
  const std::vector<float> c = p.Run(table());
  for (size_t i = 0; i < p.m; ++i) {
    for (size_t j = 0; j < p.n; ++j) {
      const float value = c[i * p.ldc + j];
      EXPECT_EQ(std::isnan(value), i == 3) << i << ' ' << j;
      EXPECT_EQ(std::isinf(value), i == 15) << i << ' ' << j;
    }
  }
}

// Both vector tables fuse the same products in the same order, so they agree to the bit.
TEST(GemmAcrossIsasTest, Avx2EqualsAvx512) {
  const KernelTable* avx2 = TableFor(Isa::kAvx2);
  const KernelTable* avx512 = TableFor(Isa::kAvx512);
  if (avx2 == nullptr || avx512 == nullptr) {
    GTEST_SKIP() << "this CPU has only one of them";
  }
  EXPECT_EQ(Problem(*avx2, 33, 700, 75).Run(*avx2), Problem(*avx512, 33, 700, 75).Run(*avx512));
}

PODIUM_INSTANTIATE_KERNELS_TEST(GemmTest);

TEST(PackedMatrixTest, LaysOutPanelsFilledUpWithZeros) {
  const KernelTable& scalar = *TableFor(Isa::kScalar);
  const size_t width = scalar.panel_columns;
  const size_t n = width + 1;
  std::vector<float> w(n * 2);
  for (size_t i = 0; i < w.size(); ++i) {
    w[i] = static_cast<float>(i + 1);
  }
  const auto packed = PackedMatrix::Pack(scalar, Numbers::kF32, w, n, 2);
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(packed->n(), n);
  EXPECT_EQ(packed->k(), 2U);
  EXPECT_EQ(packed->bytes(), 2 * width * 2 * sizeof(float));
  const auto* const data = static_cast<const float*>(packed->view().data);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0U);
  for (size_t p = 0; p < 2; ++p) {
    for (size_t j = 0; j < 2 * width; ++j) {
      const float wanted = j < n ? w[j * 2 + p] : 0.0F;
      EXPECT_EQ(data[(j / width) * 2 * width + p * width + j % width], wanted);
    }
  }
}

TEST(PackedMatrixTest, RefusesAWrongCount) {
  const std::vector<float> weights(5);
  EXPECT_EQ(
      PackedMatrix::Pack(*TableFor(Isa::kScalar), Numbers::kF32, weights, 2, 3).status().message(),
      "a weight matrix of 2 x 3 needs as many values, found 5");
  EXPECT_FALSE(
      PackedMatrix::Pack(*TableFor(Isa::kScalar), Numbers::kF32, weights, size_t{1} << 62, 16)
          .ok());
}

}  // namespace
}  // namespace podium::kernels
