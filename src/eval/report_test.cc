#include "eval/report.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/json.h"

namespace podium::eval {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Runs over one query "q,1" each; run r has the values `values[r]` of num_q, AP and P@5.
Report MakeReport(const std::vector<std::vector<double>>& values) {
  Report report;
  report.qrels = "qrels";
  for (size_t r = 0; r < values.size(); ++r) {
    ReportedRun& run = report.runs.emplace_back();
    run.name = std::string(1, static_cast<char>('a' + r)) + "|";
    run.path = "dir/" + run.name;
    run.evaluation.measures = {{MeasureKind::kNumQueries, 0},
                               {MeasureKind::kAveragePrecision, 0},
                               {MeasureKind::kPrecision, 5}};
    run.evaluation.queries = {{"q,1", values[r]}};
    run.evaluation.means = values[r];
    run.evaluation.judged_queries = 1;
  }
  if (values.size() > 1) {
    std::vector<Evaluation> evaluations;
    for (const ReportedRun& run : report.runs) {
      evaluations.push_back(run.evaluation);
    }
    report.comparisons = *CompareRuns(evaluations, 0, report.randomisation);
  }
  return report;
}

TEST(TrecReportTest, PrintsTheLinesOfTrecEval) {
  Report report = MakeReport({{1, 0.25, 1.0 / 3}});
  const std::string all =
      "num_q                 \tall\t1\n"
      "map                   \tall\t0.2500\n"
      "P_5                   \tall\t0.3333\n";
  EXPECT_EQ(TrecReport(report), all);
  report.per_query = true;
  EXPECT_EQ(TrecReport(report),
            "map                   \tq,1\t0.2500\n"
            "P_5                   \tq,1\t0.3333\n" +
                all);
}

TEST(CsvReportTest, HasARowPerRunQueryAndMeasure) {
  Report report = MakeReport({{1, 0.25, 0.2}});
  report.per_query = true;
  EXPECT_EQ(CsvReport(report),
            "run,query,measure,value\n"
            "a|,\"q,1\",num_q,1\na|,\"q,1\",AP,0.25\na|,\"q,1\",P@5,0.2\n"
            "a|,all,num_q,1\na|,all,AP,0.25\na|,all,P@5,0.2\n");
  report.runs[0].name = "say \"a\"";
  EXPECT_THAT(CsvReport(report), HasSubstr("\n\"say \"\"a\"\"\",all,AP,0.25\n"));
}

TEST(CsvReportTest, PutsComparisonsBesideTheMeans) {
  const std::string csv = CsvReport(MakeReport({{1, 0.25, 0.2}, {1, 0.5, 0.2}}));
  EXPECT_THAT(csv, StartsWith("run,query,measure,value,difference,wins,ties,losses,t_test_p,"
                              "t_test_p_holm,randomisation_p,randomisation_p_holm\n"));
  EXPECT_THAT(csv, HasSubstr("\na|,all,AP,0.25,,,,,,,,\n"));
  EXPECT_THAT(csv, HasSubstr("\nb|,all,num_q,1,,,,,,,,\n"));
  EXPECT_THAT(csv, HasSubstr("\nb|,all,AP,0.5,0.25,1,0,0,1,1,1,1\n"));
}

TEST(JsonReportTest, IsOneObjectWithStableNames) {
  Report report = MakeReport({{1, 0.25, 0.2}, {1, 0.5, 0.2}});
  report.per_query = true;
  report.comparisons[0].t_test.t = std::numeric_limits<double>::infinity();
  const Result<io::Json> json = io::ParseJson(JsonReport(report), "report");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["measures"], io::Json({"num_q", "AP", "P@5"}));
  EXPECT_EQ((*json)["runs"][1]["means"]["AP"], 0.5);
  EXPECT_TRUE((*json)["runs"][0]["means"]["num_q"].is_number_integer());
  EXPECT_EQ((*json)["runs"][1]["per_query"]["q,1"]["P@5"], 0.2);
  EXPECT_EQ((*json)["baseline"], "a|");
  EXPECT_EQ((*json)["comparisons"].size(), 2U);
  EXPECT_EQ((*json)["comparisons"][0]["difference"], 0.25);
  EXPECT_TRUE((*json)["comparisons"][0]["t"].is_null());
  EXPECT_EQ((*json)["options"]["level"], 1);
  EXPECT_FALSE(io::ParseJson(JsonReport(MakeReport({{1, 0, 0}})), "r")->contains("comparisons"));
}

TEST(MarkdownReportTest, IsTables) {
  Report report = MakeReport({{1, 0.25, 0.2}, {1, 0.5, 0.2}});
  EXPECT_EQ(MarkdownReport(report),
            "| run | queries | num_q | AP | P@5 |\n"
            "|---|---:|---:|---:|---:|\n"
            "| a\\| | 1 | 1 | 0.2500 | 0.2000 |\n"
            "| b\\| | 1 | 1 | 0.5000 | 0.2000 |\n"
            "\n"
            "a\\|: averaged over all 1 judged queries.\n"
            "b\\|: averaged over all 1 judged queries.\n"
            "\n"
            "Against a\\|:\n"
            "\n"
            "| run | measure | difference | better | same | worse | p (t-test) | p (randomisation) "
            "|\n"
            "|---|---|---:|---:|---:|---:|---:|---:|\n"
            "| b\\| | AP | +0.2500 | 1 | 0 | 0 | 1.0000 | 1.0000 |\n"
            "| b\\| | P@5 | +0.0000 | 0 | 1 | 0 | 1.0000 | 1.0000 |\n"
            "\n"
            "Two-sided p over the 1 queries of both runs; the randomisation test tried every "
            "assignment of signs.\n");
  report.per_query = true;
  EXPECT_THAT(MarkdownReport(report), HasSubstr("\n| b\\| | q,1 | 1 | 0.5000 | 0.2000 |\n"));
  EXPECT_THAT(MarkdownReport(MakeReport({{1, 0, 0}, {1, 0, 0}, {1, 1, 0}})),
              HasSubstr("| p (t-test, Holm) | p (randomisation, Holm) |\n"));
}

TEST(HowTestedTest, StatesPermutationsSeedAndCorrection) {
  Report report = MakeReport({{1, 0, 0}, {1, 0, 0}, {1, 1, 0}});
  EXPECT_THAT(HowTested(report), HasSubstr(" Holm: corrected for the 2 runs compared by each"));
  report.comparisons[0].randomisation.exact = false;
  report.comparisons[0].queries = 30;
  EXPECT_THAT(HowTested(report),
              StartsWith("Two-sided p over the 1 to 30 queries of both runs; the "
                         "randomisation test drew 100000 assignments of signs "
                         "(seed 42)"));
}

TEST(AveragedQueriesTest, SaysWhatIsMissing) {
  Evaluation evaluation;
  evaluation.judged_queries = 7;
  EXPECT_EQ(AveragedQueries(evaluation, false), "averaged over all 7 judged queries");
  evaluation.queries_without_results = {"a", "b"};
  EXPECT_EQ(AveragedQueries(evaluation, false),
            "averaged over the 5 judged queries with results; 2 without are left out");
  EXPECT_EQ(AveragedQueries(evaluation, true),
            "averaged over all 7 judged queries, the 2 without results as 0");
}

TEST(FormatPTest, KeepsTwoDigitsOfSmallValues) {
  EXPECT_EQ(FormatP(0.0123), "0.0123");
  EXPECT_EQ(FormatP(0.00031), "3.1e-04");
  EXPECT_EQ(FormatP(0), "0.0000");
  EXPECT_EQ(FormatDifference(-0.12345), "-0.1235");
}

}  // namespace
}  // namespace podium::eval
