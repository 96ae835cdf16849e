// Measures a run against judgements, as trec_eval does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "podium/status.h"

#include "eval/measure.h"
#include "eval/qrels.h"
#include "eval/run.h"

namespace podium::eval {

struct EvaluateOptions {
  // Lowest grade that counts as relevant (trec_eval -l). nDCG uses the grades themselves and
  // ignores it. REQUIRES: at least 1.
  int32_t relevance_level = 1;
  // Averages over every judged query, those without results counting 0 (trec_eval -c); otherwise
  // over the queries that are in both files.
  bool complete = false;
  // Only the best so many documents of a query count (trec_eval -M); 0: all.
  size_t max_per_query = 0;
  // Drops documents whose id is the query's, before ranking, as BEIR does by default: in some of
  // its collections a query is itself a document of the corpus.
  bool exclude_self = false;
  ScorePrecision precision = ScorePrecision::kDouble;
};

// The values of one query, in the order of Evaluation::measures.
struct QueryValues {
  std::string id;
  std::vector<double> values;
};

struct Evaluation {
  std::vector<Measure> measures;
  std::vector<QueryValues> queries;  // those averaged over, ascending by id (bytes)
  std::vector<double> means;         // per measure; for counts the sum

  size_t judged_queries = 0;                            // in the judgements
  std::vector<std::string> queries_without_results;     // judged, but not in the run
  std::vector<std::string> queries_without_judgements;  // in the run, but not judged; never counted
};

// InvalidArgument if no query would be averaged over.
Result<Evaluation> Evaluate(const Qrels& qrels, const Run& run,
                            const std::vector<Measure>& measures, const EvaluateOptions& options);

}  // namespace podium::eval
