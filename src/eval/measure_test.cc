#include "eval/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::eval {
namespace {

using ::testing::HasSubstr;

std::string NameOf(std::string_view text) {
  const Result<Measure> measure = ParseMeasure(text);
  EXPECT_TRUE(measure.ok()) << measure.status().ToString();
  return measure.ok() ? MeasureName(*measure) : "";
}

std::string ErrorOf(std::string_view text) {
  const Result<Measure> measure = ParseMeasure(text);
  EXPECT_FALSE(measure.ok()) << text;
  return measure.ok() ? "" : measure.status().message();
}

TEST(ParseMeasureTest, KnowsBothSpellings) {
  for (const auto& [text, name] :
       std::vector<std::pair<std::string, std::string>>{{"ndcg@10", "nDCG@10"},
                                                        {"nDCG@10", "nDCG@10"},
                                                        {"ndcg_cut_10", "nDCG@10"},
                                                        {"ndcg_cut.5", "nDCG@5"},
                                                        {"NDCG", "nDCG"},
                                                        {"map", "AP"},
                                                        {"MAP@10", "AP@10"},
                                                        {"ap@100", "AP@100"},
                                                        {"map_cut_100", "AP@100"},
                                                        {"mrr@10", "RR@10"},
                                                        {"rr@10", "RR@10"},
                                                        {"recip_rank", "RR"},
                                                        {"p@5", "P@5"},
                                                        {"P_10", "P@10"},
                                                        {"precision@3", "P@3"},
                                                        {"recall@100", "Recall@100"},
                                                        {"recall_100", "Recall@100"},
                                                        {"R@5", "Recall@5"},
                                                        {"success@1", "Success@1"},
                                                        {"success_5", "Success@5"},
                                                        {"rprec", "Rprec"},
                                                        {"Rprec", "Rprec"},
                                                        {"bpref", "bpref"},
                                                        {"judged@10", "Judged@10"},
                                                        {"num_q", "num_q"},
                                                        {"num_rel_ret", "num_rel_ret"},
                                                        {"num_ret", "num_ret"},
                                                        {"num_rel", "num_rel"}}) {
    EXPECT_EQ(NameOf(text), name);
  }
}

TEST(ParseMeasureTest, BothNamesOfAMeasureParseBackToIt) {
  for (const std::string text : {"ndcg", "ndcg@7", "ap", "ap@7", "rr", "rr@7", "p@7", "recall@7",
                                 "success@7", "rprec", "bpref", "judged@7", "num_q", "num_ret"}) {
    const Result<Measure> measure = ParseMeasure(text);
    ASSERT_TRUE(measure.ok());
    EXPECT_EQ(*ParseMeasure(MeasureName(*measure)), *measure);
    EXPECT_EQ(*ParseMeasure(TrecMeasureName(*measure)), *measure);
  }
}

TEST(ParseMeasureTest, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf("err@20"),
            "there is no measure \"err@20\"; there are: nDCG[@K] AP[@K] RR[@K] P@K Recall@K "
            "Success@K Rprec bpref Judged@K num_q num_ret num_rel num_rel_ret");
  EXPECT_THAT(ErrorOf(""), HasSubstr("there is no measure \"\""));
  EXPECT_THAT(ErrorOf("@10"), HasSubstr("there is no measure \"@10\""));
  EXPECT_EQ(ErrorOf("P"), "measure \"P\" needs a cutoff, as in P@10");
  EXPECT_EQ(ErrorOf("bpref@10"), "measure \"bpref@10\": bpref takes no cutoff");
  for (const std::string digits : {"", "0", "-1", "1.5", "x", "99999999999"}) {
    EXPECT_EQ(ErrorOf("ndcg@" + digits), "measure \"ndcg@" + digits +
                                             "\": expected a cutoff of 1 to 1000000000, found \"" +
                                             digits + "\"");
  }
}

TEST(ParseMeasuresTest, SplitsAndDropsRepeats) {
  const Result<std::vector<Measure>> measures =
      ParseMeasures({"ndcg@10, map", "p@5 ndcg_cut_10,,bpref"});
  ASSERT_TRUE(measures.ok());
  std::string names;
  for (const Measure& measure : *measures) {
    names += MeasureName(measure) + " ";
  }
  EXPECT_EQ(names, "nDCG@10 AP P@5 bpref ");
  EXPECT_THAT(ParseMeasures({" ,"}).status().message(), HasSubstr("no measure is named"));
  EXPECT_FALSE(ParseMeasures({"map", "maq"}).ok());
}

TEST(DefaultMeasuresTest, AreTheUsualOnes) {
  std::string names;
  for (const Measure& measure : DefaultMeasures()) {
    names += MeasureName(measure) + " ";
  }
  EXPECT_EQ(names, "nDCG@10 AP RR@10 P@10 Recall@100 Judged@10 ");
}

}  // namespace
}  // namespace podium::eval
