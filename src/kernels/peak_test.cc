#include "kernels/peak.h"

#include <string>

#include <gtest/gtest.h>

#include "kernels/kernels.h"

namespace podium::kernels {
namespace {

constexpr Numbers kNumbers[] = {Numbers::kF32, Numbers::kBf16, Numbers::kSplit, Numbers::kI8};

TEST(PeakTest, EveryProductOfAnInstructionSetHasOne) {
  for (const KernelTable* table : AvailableKernels()) {
    for (const Numbers numbers : kNumbers) {
      const Peak peak = MeasurePeak(*table, numbers);
      const bool expected = table->isa != Isa::kScalar && GemmFor(*table, numbers) != nullptr;
      EXPECT_EQ(peak.gflops > 0, expected) << table->name << ' ' << NumbersName(numbers);
      EXPECT_EQ(std::string(peak.instruction).empty(), !expected) << table->name;
    }
  }
}

TEST(PeakTest, TheInstructionIsTheTables) {
  const KernelTable* avx2 = TableFor(Isa::kAvx2);
  if (avx2 == nullptr) {
    GTEST_SKIP() << "this machine lacks AVX2";
  }
  EXPECT_STREQ(MeasurePeak(*avx2, Numbers::kF32).instruction, "VFMADD (YMM)");
  EXPECT_STREQ(MeasurePeak(*avx2, Numbers::kI8).instruction, "VPMADDWD, VPADDD (YMM)");
}

}  // namespace
}  // namespace podium::kernels
