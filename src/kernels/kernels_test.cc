#include "kernels/kernels.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "kernels/kernels_test_util.h"

namespace podium::kernels {
namespace {

TEST(ChooseKernelsTest, TakesTheBestWithoutAName) {
  const auto chosen = ChooseKernels("");
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(*chosen, AvailableKernels().back());
}

TEST(ChooseKernelsTest, TakesTheNamedOne) {
  for (const KernelTable* table : AvailableKernels()) {
    const auto chosen = ChooseKernels(table->name);
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(*chosen, table);
  }
}

TEST(ChooseKernelsTest, RefusesAnUnknownName) {
  for (const char* name : {"AVX9", "Scalar", "avx", "avx5122", " "}) {
    EXPECT_EQ(ChooseKernels(name).status().ToString(),
              "invalid argument: PODIUM_FORCE_ISA: expected one of scalar, avx2, avxvnni, avx512, "
              "avx512vnni, avx512bf16, found \"" +
                  std::string(name) + "\"");
  }
}

TEST(ChooseKernelsTest, RefusesWhatTheCpuLacks) {
  for (const Isa isa :
       {Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAvx512Bf16}) {
    if (TableFor(isa) == nullptr) {
      const std::string name(IsaName(isa));
      EXPECT_EQ(ChooseKernels(name).status().ToString(), "unsupported: PODIUM_FORCE_ISA=" + name +
                                                             ": this CPU or build lacks it (" +
                                                             CpuDescription() + ")");
      return;
    }
  }
  GTEST_SKIP() << "this CPU has every instruction set";
}

TEST(ActiveKernelsTest, FollowsTheEnvironment) {
  const char* forced = getenv("PODIUM_FORCE_ISA");
  const auto active = ActiveKernels();
  const auto wanted = ChooseKernels(forced == nullptr ? "" : forced);
  ASSERT_EQ(active.ok(), wanted.ok());
  if (active.ok()) {
    EXPECT_EQ(*active, *wanted);
  }
}

TEST(CpuDescriptionTest, NamesTheCpu) {
  EXPECT_FALSE(CpuDescription().empty());
  EXPECT_EQ(TableFor(Isa::kAvx512) != nullptr && TableFor(Isa::kAvx2) == nullptr, false);
  if (TableFor(Isa::kAvx2) != nullptr) {
    EXPECT_THAT(CpuDescription(), testing::HasSubstr(" avx2 fma"));
  }
}

TEST_P(KernelsTest, TablesAreComplete) {
  EXPECT_EQ(TableFor(table().isa), &table());
  EXPECT_NE(table().gemm_f32, nullptr);
  EXPECT_NE(table().gemm_i8, nullptr);
  EXPECT_NE(table().convert, nullptr);
  EXPECT_NE(table().attention_f32, nullptr);
  EXPECT_EQ(table().gemm_bf16 == nullptr, table().gemm_split == nullptr);
  EXPECT_EQ(table().gemm_bf16 == nullptr, table().attention_bf16 == nullptr);
  EXPECT_NE(table().layer_norm, nullptr);
  EXPECT_NE(table().softmax, nullptr);
  EXPECT_NE(table().activate, nullptr);
  EXPECT_NE(table().add, nullptr);
  EXPECT_NE(table().dot, nullptr);
  EXPECT_NE(table().l2_normalize, nullptr);
  EXPECT_EQ(table().panel_columns % 16, 0U);
}

PODIUM_INSTANTIATE_KERNELS_TEST(KernelsTest);

}  // namespace
}  // namespace podium::kernels
