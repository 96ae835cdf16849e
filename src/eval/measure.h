// Measures of a ranking, by name: "nDCG@10", "AP", "RR@10", and trec_eval's spellings of them.
// docs/evaluation.md defines each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::eval {

enum class MeasureKind : uint8_t {
  kNumQueries,
  kNumRetrieved,
  kNumRelevant,
  kNumRelevantRetrieved,
  kNdcg,
  kAveragePrecision,
  kReciprocalRank,
  kPrecision,
  kRecall,
  kSuccess,
  kRPrecision,
  kBpref,
  kJudged,
};

struct Measure {
  MeasureKind kind = MeasureKind::kNdcg;
  uint32_t cutoff = 0;  // only the first so many documents count; 0: all of them

  bool operator==(const Measure&) const = default;
};

// A number of queries or documents: summed over queries where other measures are averaged.
bool IsCount(MeasureKind kind);

// "nDCG@10", "AP", …
std::string MeasureName(const Measure& measure);

// trec_eval's name: "ndcg_cut_10", "map", …. For what trec_eval does not have (RR and AP with a
// cutoff aside, Judged) a name in its style.
std::string TrecMeasureName(const Measure& measure);

// One measure from text: NAME or NAME@K, upper or lower case, or as trec_eval spells it
// (ndcg_cut_10, ndcg_cut.10, P_5, recip_rank). InvalidArgument for an unknown name, which lists
// what exists, a cutoff that is not 1 to 1,000,000,000, is missing (P@5) or does not belong
// (Rprec).
Result<Measure> ParseMeasure(std::string_view text);

// Measures from several texts, each with names separated by commas or spaces; each kept once, in
// the order of first mention.
Result<std::vector<Measure>> ParseMeasures(const std::vector<std::string>& texts);

// nDCG@10, AP, RR@10, P@10, Recall@100, Judged@10.
std::vector<Measure> DefaultMeasures();

// "nDCG[@K] AP[@K] …": every name with whether it takes a cutoff.
std::string MeasureList();

}  // namespace podium::eval
