#include "kernels/kernels.h"

#include <cstdint>
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
              "avx512vnni, avx512bf16, amx, found \"" +
                  std::string(name) + "\"");
  }
}

TEST(ChooseKernelsTest, RefusesWhatTheCpuLacks) {
  for (const Isa isa :
       {Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAvx512Bf16, Isa::kAmx}) {
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

constexpr uint64_t kTileStates = 0x60000;

bool Grants() {
  return true;
}
bool Refuses() {
  return false;
}
bool IsNotAsked() {
  ADD_FAILURE() << "asked for permission";
  return true;
}

TEST(TileSupportTest, NeedsBothNumbersAndThePermission) {
  const auto both = TileSupport::Find(true, true, true, 0xE7 | kTileStates, Grants);
  EXPECT_TRUE(both.usable());
  EXPECT_EQ(both.Description(), " amx_bf16 amx_int8");
  const auto one = TileSupport::Find(true, false, true, kTileStates, Grants);
  EXPECT_FALSE(one.usable());
  EXPECT_EQ(one.Description(), " amx_int8");
}

TEST(TileSupportTest, SaysWhatTheSystemRefuses) {
  const auto refused = TileSupport::Find(true, true, true, kTileStates, Refuses);
  EXPECT_FALSE(refused.usable());
  EXPECT_EQ(refused.Description(),
            " amx_bf16 (not permitted by the system) amx_int8 (not permitted by the system)");
}

// A system that does not save both states would let threads overwrite each other's tiles.
TEST(TileSupportTest, AsksOnlyWhereItHelps) {
  for (const uint64_t states : {0xE7UL, 0x200E7UL, 0x400E7UL}) {
    const auto unsaved = TileSupport::Find(true, true, true, states, IsNotAsked);
    EXPECT_FALSE(unsaved.usable());
    EXPECT_THAT(unsaved.Description(), testing::HasSubstr("not permitted"));
  }
  const auto none = TileSupport::Find(false, false, false, kTileStates, IsNotAsked);
  EXPECT_FALSE(none.usable());
  EXPECT_EQ(none.Description(), "");
  EXPECT_EQ(TileSupport::Find(false, true, true, kTileStates, IsNotAsked).Description(), "");
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
