#include "eval/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::eval {
namespace {

Evaluation MakeEvaluation(const std::vector<QueryValues>& queries) {
  Evaluation evaluation;
  evaluation.measures = {{MeasureKind::kNumRetrieved, 0}, {MeasureKind::kAveragePrecision, 0}};
  evaluation.queries = queries;
  return evaluation;
}

TEST(CompareRunsTest, PairsTheQueriesOfBoth) {
  const std::vector<Evaluation> evaluations = {
      MakeEvaluation({{"a", {9, 0.5}}, {"b", {9, 0.25}}, {"d", {9, 0.5}}, {"e", {9, 1}}}),
      MakeEvaluation({{"b", {9, 0.75}}, {"c", {9, 1}}, {"d", {9, 0.5 + 1e-15}}, {"e", {9, 0.5}}})};
  const Result<std::vector<Comparison>> comparisons = CompareRuns(evaluations, 0, {});
  ASSERT_TRUE(comparisons.ok());
  ASSERT_EQ(comparisons->size(), 1U);  // counts are not compared
  const Comparison& comparison = (*comparisons)[0];
  EXPECT_EQ(comparison.run, 1U);
  EXPECT_EQ(comparison.measure, 1U);
  EXPECT_EQ(comparison.queries, 3U);
  EXPECT_EQ(comparison.wins, 1U);
  EXPECT_EQ(comparison.ties, 1U);
  EXPECT_EQ(comparison.losses, 1U);
  EXPECT_EQ(comparison.difference, 0);
  EXPECT_EQ(comparison.t_test.p, 1);
  EXPECT_EQ(comparison.randomisation.p, 1);
}

TEST(CompareRunsTest, CorrectsOverTheRuns) {
  std::vector<QueryValues> base;
  std::vector<QueryValues> better;
  std::vector<QueryValues> best;
  for (char id = 'a'; id < 'm'; ++id) {
    const double wave = id % 3 * 0.05;
    base.push_back({std::string(1, id), {0, 0.2}});
    better.push_back({std::string(1, id), {0, 0.15 + wave}});
    best.push_back({std::string(1, id), {0, 0.3 + wave}});
  }
  const std::vector<Evaluation> evaluations = {MakeEvaluation(better), MakeEvaluation(base),
                                               MakeEvaluation(best)};
  const Result<std::vector<Comparison>> comparisons = CompareRuns(evaluations, 1, {});
  ASSERT_TRUE(comparisons.ok());
  ASSERT_EQ(comparisons->size(), 2U);
  const Comparison& weak = (*comparisons)[0];
  const Comparison& strong = (*comparisons)[1];
  EXPECT_EQ(weak.run, 0U);
  EXPECT_EQ(strong.run, 2U);
  EXPECT_NEAR(strong.difference, 0.15, 1e-12);
  EXPECT_EQ(strong.wins, 12U);
  EXPECT_EQ(strong.randomisation.p, 2.0 / 4096);
  EXPECT_EQ(strong.randomisation_holm, 4.0 / 4096);
  EXPECT_EQ(strong.t_test_holm, 2 * strong.t_test.p);
  EXPECT_EQ(weak.t_test_holm, weak.t_test.p);
}

TEST(CompareRunsTest, NamesARunWithoutCommonQueries) {
  const std::vector<Evaluation> evaluations = {MakeEvaluation({{"a", {9, 0.5}}}),
                                               MakeEvaluation({{"b", {9, 0.5}}})};
  EXPECT_EQ(CompareRuns(evaluations, 0, {}).status().message(),
            "run 2 has no evaluated query in common with the baseline, run 1");
}

}  // namespace
}  // namespace podium::eval
