// Every golden model on every instruction set of this machine: within the tolerance of the
// reference, and batches equal to single runs.
#include "nn/parity.h"

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

using kernels::Isa;

struct ParityCase {
  std::string model;
  Isa isa;
};

class ParityTest : public testing::TestWithParam<ParityCase> {};

TEST_P(ParityTest, EqualsTheReference) {
  const kernels::KernelTable* table = kernels::TableFor(GetParam().isa);
  if (table == nullptr) {
    GTEST_SKIP() << "this machine lacks the instruction set";
  }
  const std::filesystem::path dir =
      std::filesystem::path(PODIUM_TEST_DATA) / "golden" / GetParam().model;
  ThreadPool pool(2);
  const Result<ParityReport> report = CheckParity(dir, dir / "cases.json", *table, pool);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  for (const ParityOutput& output : report->outputs) {
    EXPECT_TRUE(output.passed()) << output.name << ": " << output.worst << " in "
                                 << output.worst_case << ", noise floor " << output.floor;
  }
  EXPECT_GT(report->batch_cases, 0U);
  EXPECT_EQ(report->batch_differences, 0U);
  EXPECT_TRUE(report->passed());
  // Not decisive by the file's own word, but right: pads inside a text.
  for (const ParityOutput& output : report->edge) {
    EXPECT_TRUE(output.passed()) << output.name << ": " << output.worst;
  }
}

std::vector<ParityCase> AllCases() {
  std::vector<ParityCase> cases;
  for (const char* model : {"bert", "distilbert", "electra", "roberta", "xlm_roberta",
                            "bi_bert_cls", "bi_bert_mean", "bi_mpnet_mean"}) {
    // In fp32 the others are one of these with other names.
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
      cases.push_back({model, isa});
    }
  }
  return cases;
}

std::string CaseName(const testing::TestParamInfo<ParityCase>& test) {
  return test.param.model + "_" + std::string(kernels::IsaName(test.param.isa));
}

INSTANTIATE_TEST_SUITE_P(Golden, ParityTest, testing::ValuesIn(AllCases()), CaseName);

}  // namespace
}  // namespace podium::nn
