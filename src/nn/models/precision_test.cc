#include "nn/models/precision.h"

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

using kernels::Isa;
using kernels::KernelTable;
using kernels::Numbers;

TEST(PrecisionTest, NamesRoundTrip) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16,
                                    Precision::kBf16x3, Precision::kInt8}) {
    EXPECT_EQ(PrecisionFromName(PrecisionName(precision)), precision);
  }
  EXPECT_EQ(PrecisionFromName("fp16"), std::nullopt);
  EXPECT_EQ(PrecisionFromName(""), std::nullopt);
}

TEST(PrecisionTest, AutoIsBf16WhereTheCpuMultipliesIt) {
  for (const KernelTable* table : kernels::AvailableKernels()) {
    const PrecisionChoice choice = ChoosePrecision(Precision::kAuto, *table).value();
    const bool bf16 = table->isa >= Isa::kAvx512Bf16;
    EXPECT_EQ(choice.precision, bf16 ? Precision::kBf16 : Precision::kFp32) << table->name;
    EXPECT_EQ(choice.numbers, bf16 ? Numbers::kBf16 : Numbers::kF32) << table->name;
    EXPECT_EQ(choice.reason.find("auto: the " + std::string(table->name) + " kernels"), 0U)
        << choice.reason;
  }
}

TEST(PrecisionTest, GivesWhatIsAskedForOrSaysWhyNot) {
  for (const KernelTable* table : kernels::AvailableKernels()) {
    for (const auto& [precision, numbers] : {std::pair{Precision::kFp32, Numbers::kF32},
                                             {Precision::kBf16, Numbers::kBf16},
                                             {Precision::kBf16x3, Numbers::kSplit},
                                             {Precision::kInt8, Numbers::kI8}}) {
      const Result<PrecisionChoice> choice = ChoosePrecision(precision, *table);
      if (kernels::GemmFor(*table, numbers) != nullptr) {
        ASSERT_TRUE(choice.ok());
        EXPECT_EQ(choice->numbers, numbers);
        EXPECT_EQ(choice->reason, "asked for");
      } else {
        EXPECT_EQ(choice.status().ToString(),
                  "unsupported: precision " + std::string(PrecisionName(precision)) + ": the " +
                      table->name +
                      " kernels of this CPU have no such product; take fp32, int8 or auto");
      }
    }
  }
}

}  // namespace
}  // namespace podium::nn
