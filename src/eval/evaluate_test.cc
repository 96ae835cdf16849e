#include "eval/evaluate.h"

#include <stdio.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "io/file.h"

namespace podium::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Qrels MakeQrels(std::string_view text) {
  return *ParseQrels(text, "qrels");
}
eval::Run MakeRun(std::string_view text) {
  return *ParseRun(text, "run");
}
std::vector<Measure> Measures(const std::string& text) {
  return *ParseMeasures({text});
}

double ValueOf(const std::string& measure, std::string_view qrels, std::string_view run,
               const EvaluateOptions& options = {}) {
  const Result<Evaluation> evaluation =
      Evaluate(MakeQrels(qrels), MakeRun(run), Measures(measure), options);
  EXPECT_TRUE(evaluation.ok()) << evaluation.status().ToString();
  return evaluation.ok() ? evaluation->means[0] : NAN;
}

// --- Equal to trec_eval on its own output -------------------------------------------------------

struct GoldenCase {
  std::string set;
  std::string variant;
};

std::vector<GoldenCase> GoldenCases() {
  std::vector<GoldenCase> cases;
  const std::filesystem::path root = std::filesystem::path(PODIUM_TEST_DATA) / "golden/metrics";
  for (const auto& set : std::filesystem::directory_iterator(root)) {
    for (const auto& file : std::filesystem::directory_iterator(set.path())) {
      const std::string name = file.path().filename().string();
      if (name.starts_with("trec_eval.")) {
        cases.push_back({set.path().filename().string(), file.path().stem().extension().string()});
      }
    }
  }
  std::sort(cases.begin(), cases.end(), [](const GoldenCase& a, const GoldenCase& b) {
    return std::pair(a.set, a.variant) < std::pair(b.set, b.variant);
  });
  return cases;
}

EvaluateOptions OptionsOf(const std::string& variant) {
  EvaluateOptions options;
  options.complete = variant == ".q_c";
  options.relevance_level = variant == ".q_l2" ? 2 : 1;
  options.max_per_query = variant == ".q_M10" ? 10 : 0;
  options.precision = variant == ".q_float32" ? ScorePrecision::kFloat : ScorePrecision::kDouble;
  return options;
}

class GoldenTest : public testing::TestWithParam<GoldenCase> {};

// Every line of every file, as the digits that trec_eval printed.
TEST_P(GoldenTest, EqualsTrecEval) {
  const std::filesystem::path folder =
      std::filesystem::path(PODIUM_TEST_DATA) / "golden/metrics" / GetParam().set;
  const Result<Qrels> qrels = ReadQrels(folder / "qrels.txt");
  const Result<eval::Run> run = ReadRun(folder / "run.txt");
  ASSERT_TRUE(qrels.ok() && run.ok());
  const std::string variant = GetParam().variant;
  std::istringstream expected(*io::ReadFile(folder / ("trec_eval" + variant + ".txt")));
  std::string name;
  std::string qid;
  std::string value;
  size_t lines = 0;
  std::vector<std::string> queries;
  while (expected >> name >> qid >> value) {
    const Result<Evaluation> evaluation =
        Evaluate(*qrels, *run, Measures(name), OptionsOf(variant));
    ASSERT_TRUE(evaluation.ok());
    double actual = evaluation->means[0];
    if (qid != "all") {
      const auto found = std::find_if(evaluation->queries.begin(), evaluation->queries.end(),
                                      [&](const QueryValues& query) { return query.id == qid; });
      ASSERT_NE(found, evaluation->queries.end()) << qid;
      actual = found->values[0];
      if (queries.empty() || queries.back() != qid) {
        queries.push_back(qid);
      }
    }
    const bool count = IsCount(evaluation->measures[0].kind);
    EXPECT_EQ(count ? Format("{}", actual) : Format("{:.4f}", actual), value) << name << " " << qid;
    ++lines;
    if (name == "num_q") {
      EXPECT_EQ(static_cast<double>(queries.size()), actual);
    }
  }
  EXPECT_GT(lines, 60U);
}

INSTANTIATE_TEST_SUITE_P(TrecEval, GoldenTest, testing::ValuesIn(GoldenCases()),
                         [](const testing::TestParamInfo<GoldenCase>& golden) {
                           return golden.param.set + "_" + golden.param.variant.substr(1);
                         });

TEST(GoldenCasesTest, AreAllThere) {
  EXPECT_EQ(GoldenCases().size(), 25U);
}

// --- Equal to the definitions, written down as plainly as can be --------------------------------

using Grades = std::vector<int>;

double NaiveNdcg(const Grades& ranking, Grades judged, size_t k) {
  const auto dcg = [k](const Grades& grades) {
    double sum = 0;
    for (size_t rank = 1; rank <= std::min(k, grades.size()); ++rank) {
      sum += std::max(grades[rank - 1], 0) / std::log2(static_cast<double>(rank) + 1.0);
    }
    return sum;
  };
  std::sort(judged.rbegin(), judged.rend());
  return dcg(judged) == 0 ? 0 : dcg(ranking) / dcg(judged);
}

double NaivePrecision(const Grades& ranking, size_t k) {
  double relevant = 0;
  for (size_t i = 0; i < std::min(k, ranking.size()); ++i) {
    relevant += ranking[i] > 0 ? 1 : 0;
  }
  return relevant / static_cast<double>(k);
}

double NaiveAveragePrecision(const Grades& ranking, const Grades& judged, size_t k) {
  const auto relevant = std::count_if(judged.begin(), judged.end(), [](int g) { return g > 0; });
  double sum = 0;
  for (size_t i = 0; i < std::min(k, ranking.size()); ++i) {
    sum += ranking[i] > 0 ? NaivePrecision(ranking, i + 1) : 0;
  }
  return relevant == 0 ? 0 : sum / static_cast<double>(relevant);
}

// Every ranking of five documents with every assignment of the grades -1 (unjudged is tested by the
// golden files), 0, 1, 2; the last `missing` ones are judged but not retrieved.
TEST(OracleTest, EqualsTheDefinitionsOnAllSmallRankings) {
  constexpr size_t kDocuments = 5;
  const std::vector<Measure> measures =
      Measures("ndcg ndcg@3 ap ap@3 p@3 rr rr@2 recall@2 success@2");
  for (size_t code = 0; code < (1U << (2 * kDocuments)); ++code) {
    for (size_t missing = 0; missing < 3; ++missing) {
      Qrels qrels;
      QrelsQuery& query = qrels.queries.emplace_back(QrelsQuery{"q", {}});
      eval::Run run;
      RunQuery& results = run.queries.emplace_back(RunQuery{"q", {}});
      Grades judged;
      for (size_t d = 0; d < kDocuments; ++d) {
        const int grade = static_cast<int>(code >> (2 * d) & 3U) - 1;
        judged.push_back(grade);
        query.judgements.push_back({Format("d{}", d), grade});
        if (d + missing < kDocuments) {
          results.entries.push_back({Format("d{}", d), static_cast<double>(kDocuments - d)});
        }
      }
      const Grades ranking(judged.begin(), judged.end() - static_cast<ptrdiff_t>(missing));
      const auto relevant = static_cast<double>(
          std::count_if(judged.begin(), judged.end(), [](int g) { return g > 0; }));
      const auto first = std::find_if(ranking.begin(), ranking.end(), [](int g) { return g > 0; });
      const double rank = static_cast<double>(first - ranking.begin() + 1);
      const double rr = first == ranking.end() ? 0 : 1 / rank;
      const double found = NaivePrecision(ranking, 2) * 2;
      const Result<Evaluation> evaluation = Evaluate(qrels, run, measures, {});
      ASSERT_TRUE(evaluation.ok());
      const std::vector<double> expected = {NaiveNdcg(ranking, judged, 100),
                                            NaiveNdcg(ranking, judged, 3),
                                            NaiveAveragePrecision(ranking, judged, 100),
                                            NaiveAveragePrecision(ranking, judged, 3),
                                            NaivePrecision(ranking, 3),
                                            rr,
                                            rank <= 2 ? rr : 0,
                                            relevant == 0 ? 0 : found / relevant,
                                            found > 0 ? 1.0 : 0.0};
      for (size_t m = 0; m < measures.size(); ++m) {
        ASSERT_NEAR(evaluation->means[m], expected[m], 1e-12)
            << MeasureName(measures[m]) << " of code " << code << " missing " << missing;
      }
    }
  }
}

TEST(OracleTest, BprefIsTheShareOfPreferencesKept) {
  // Three relevant (R), four judged nonrelevant (N) documents; the first three N above an R count.
  const std::string_view qrels =
      "q 0 r1 1\nq 0 r2 1\nq 0 r3 1\nq 0 n1 0\nq 0 n2 0\nq 0 n3 0\nq 0 n4 0\n";
  const std::string_view run =
      "q Q0 r1 1 9 t\nq Q0 n1 2 8 t\nq Q0 u 3 7 t\nq Q0 r2 4 6 t\nq Q0 n2 5 5 t\n"
      "q Q0 n3 6 4 t\nq Q0 n4 7 3 t\nq Q0 r3 8 2 t\n";
  EXPECT_NEAR(ValueOf("bpref", qrels, run), (1 + (1 - 1.0 / 3) + 0) / 3, 1e-15);
  // No judged nonrelevant document: every preference holds.
  EXPECT_EQ(ValueOf("bpref", "q 0 a 1\n", "q Q0 b 1 2 t\nq Q0 a 2 1 t\n"), 1);
}

// --- Options ------------------------------------------------------------------------------------

constexpr std::string_view kQrels = "q1 0 a 2\nq1 0 b 1\nq1 0 c 0\nq2 0 a 1\nq9 0 z -1\n";
constexpr std::string_view kRun = "q1 Q0 b 1 3 t\nq1 Q0 c 2 2 t\nq1 Q0 a 3 1 t\nq3 Q0 a 1 1 t\n";

TEST(EvaluateTest, AveragesOverQueriesInBothFilesOrOverAllJudged) {
  const Qrels qrels = MakeQrels(kQrels);
  const eval::Run run = MakeRun(kRun);
  const std::vector<Measure> measures = Measures("rr,num_q,num_ret,num_rel");
  Result<Evaluation> evaluation = Evaluate(qrels, run, measures, {});
  ASSERT_TRUE(evaluation.ok());
  EXPECT_THAT(evaluation->means, ElementsAre(1, 1, 3, 2));
  EXPECT_EQ(evaluation->judged_queries, 3U);
  EXPECT_THAT(evaluation->queries_without_results, ElementsAre("q2", "q9"));
  EXPECT_THAT(evaluation->queries_without_judgements, ElementsAre("q3"));
  evaluation = Evaluate(qrels, run, measures, {.complete = true});
  ASSERT_TRUE(evaluation.ok());
  EXPECT_THAT(evaluation->means, ElementsAre(1.0 / 3, 3, 3, 3));
  ASSERT_EQ(evaluation->queries.size(), 3U);
  EXPECT_EQ(evaluation->queries[1].id, "q2");
  EXPECT_THAT(evaluation->queries[1].values, ElementsAre(0, 1, 0, 1));
}

TEST(EvaluateTest, RelevanceLevelChangesBinaryMeasuresOnly) {
  EXPECT_EQ(ValueOf("rr", kQrels, kRun, {.relevance_level = 2}), 1.0 / 3);
  EXPECT_EQ(ValueOf("ndcg", kQrels, kRun, {.relevance_level = 2}), ValueOf("ndcg", kQrels, kRun));
}

TEST(EvaluateTest, MaxPerQueryCutsTheRanking) {
  EXPECT_EQ(ValueOf("num_ret", kQrels, kRun, {.max_per_query = 2}), 2);
  EXPECT_EQ(ValueOf("recall@100", kQrels, kRun, {.max_per_query = 2}), 0.5);
}

TEST(EvaluateTest, ExcludeSelfDropsTheQueryItselfBeforeRanking) {
  const std::string_view qrels = "d1 0 d2 1\n";
  const std::string_view run = "d1 Q0 d1 1 2 t\nd1 Q0 d2 2 1 t\n";
  EXPECT_EQ(ValueOf("rr", qrels, run), 0.5);
  EXPECT_EQ(ValueOf("rr", qrels, run, {.exclude_self = true}), 1);
  EXPECT_EQ(ValueOf("rr", qrels, run, {.max_per_query = 1, .exclude_self = true}), 1);
}

TEST(EvaluateTest, JudgedIsTheShareOfRetrievedDocumentsThatWereAssessed) {
  const std::string_view run = "q1 Q0 b 1 3 t\nq1 Q0 x 2 2 t\nq1 Q0 c 3 1 t\nq1 Q0 y 4 0 t\n";
  EXPECT_EQ(ValueOf("judged@1", kQrels, run), 1);
  EXPECT_EQ(ValueOf("judged@2", kQrels, run), 0.5);
  EXPECT_EQ(ValueOf("judged@10", kQrels, run), 0.5);  // of the four there are
  EXPECT_EQ(ValueOf("judged@10", "q 0 a -1\n", "q Q0 a 1 1 t\n"), 1);
}

TEST(EvaluateTest, SaysWhenNothingCanBeAveraged) {
  const Result<Evaluation> evaluation =
      Evaluate(MakeQrels(kQrels), MakeRun("x Q0 a 1 1 t\n"), Measures("ap"), {});
  EXPECT_EQ(evaluation.status().message(),
            "none of the 1 queries of the run is among the 3 judged ones");
  EXPECT_EQ(ValueOf("ap", kQrels, "x Q0 a 1 1 t\n", {.complete = true}), 0);
}

}  // namespace
}  // namespace podium::eval
