#include "kernels/kernels.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace podium::kernels {
namespace {

TEST(ChooseKernelsTest, TakesTheBestWithoutAName) {
  const auto chosen = ChooseKernels("");
  ASSERT_TRUE(chosen.ok());
  for (const Isa isa : {Isa::kAvx512, Isa::kAvx2, Isa::kScalar}) {
    if (TableFor(isa) != nullptr) {
      EXPECT_EQ(*chosen, TableFor(isa));
      break;
    }
  }
}

TEST(ChooseKernelsTest, TakesTheNamedOneOrFails) {
  ASSERT_TRUE(ChooseKernels("scalar").ok());
  EXPECT_EQ((*ChooseKernels("scalar"))->isa, Isa::kScalar);
  EXPECT_EQ(ChooseKernels("AVX9").status().ToString(),
            "invalid argument: PODIUM_FORCE_ISA: expected scalar, avx2 or avx512, found \"AVX9\"");
}

TEST(PackedMatrixTest, RefusesAWrongCount) {
  const std::vector<float> weights(5);
  EXPECT_EQ(PackedMatrix::Pack(*TableFor(Isa::kScalar), weights, 2, 3).status().message(),
            "a weight matrix of 2 x 3 needs as many values, found 5");
  EXPECT_FALSE(PackedMatrix::Pack(*TableFor(Isa::kScalar), weights, size_t{1} << 62, 16).ok());
}

TEST(GemmTest, SmallExample) {
  const KernelTable& table = *TableFor(Isa::kScalar);
  const std::vector<float> w = {1, 2, 3, 4, 5, 6};  // [2 x 3]
  const auto packed = PackedMatrix::Pack(table, w, 2, 3);
  ASSERT_TRUE(packed.ok());
  const std::vector<float> a = {1, 0, 1};
  const std::vector<float> bias = {10, -20};
  const std::vector<float> residual = {100, 200};
  std::vector<float> c(2);
  AlignedBuffer<char> scratch(kGemmScratchBytes);
  table.gemm_f32({.a = a.data(),
                  .lda = 3,
                  .m = 1,
                  .b = packed->view(),
                  .bias = bias.data(),
                  .residual = residual.data(),
                  .activation = Activation::kRelu,
                  .c = c.data(),
                  .ldc = 2,
                  .scratch = scratch.data()});
  EXPECT_EQ(c, (std::vector<float>{114, 200}));
}

}  // namespace
}  // namespace podium::kernels
