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
  EXPECT_EQ(*chosen, AvailableTables().back());
}

TEST(ChooseKernelsTest, TakesTheNamedOne) {
  for (const KernelTable* table : AvailableTables()) {
    const auto chosen = ChooseKernels(table->name);
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(*chosen, table);
  }
}

TEST(ChooseKernelsTest, RefusesAnUnknownName) {
  for (const char* name : {"AVX9", "Scalar", "avx", "avx5122", " "}) {
    EXPECT_EQ(ChooseKernels(name).status().ToString(),
              "invalid argument: PODIUM_FORCE_ISA: expected scalar, avx2 or avx512, found \"" +
                  std::string(name) + "\"");
  }
}

TEST(ChooseKernelsTest, RefusesWhatTheCpuLacks) {
  if (TableFor(Isa::kAvx512) != nullptr) {
    GTEST_SKIP() << "this CPU has every instruction set";
  }
  EXPECT_EQ(ChooseKernels("avx512").status().ToString(),
            "unsupported: PODIUM_FORCE_ISA=avx512: this CPU or build lacks it (" +
                CpuDescription() + ")");
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
  EXPECT_NE(table().attention_f32, nullptr);
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
