// Any bytes given as a run, as judgements, as queries or as names of measures are either read or an
// error. What was read as a run can be evaluated, and written so that reading gives the same order.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "eval/evaluate.h"
#include "eval/measure.h"
#include "eval/qrels.h"
#include "eval/queries.h"
#include "eval/run.h"

namespace {

using podium::Result;
using podium::Status;
namespace eval = podium::eval;

void CheckRewriting(const eval::Run& run) {
  std::string text;
  eval::TrecRunWriter writer(run.tag, [&](std::string_view bytes) {
    text += bytes;
    return Status::Ok();
  });
  for (const eval::RunQuery& query : run.queries) {
    (void)writer.WriteQuery(query.id, query.entries).ok();  // refuses what the format cannot hold
  }
  if (text.empty()) {
    return;
  }
  const Result<eval::Run> again = eval::ParseRun(text, "output");
  if (!again.ok()) {
    std::abort();
  }
  for (const eval::RunQuery& query : again->queries) {
    uint32_t expected = 0;
    for (const uint32_t position : eval::RankEntries(query.entries)) {
      if (position != expected++) {
        std::abort();
      }
    }
  }
}

void CheckEvaluation(const eval::Qrels& qrels, const eval::Run& run) {
  static const std::vector<eval::Measure> measures =
      *eval::ParseMeasures({"ndcg ndcg@2 ap ap@2 rr p@2 recall@2 success@2 rprec bpref judged@2"});
  const Result<eval::Evaluation> evaluation =
      eval::Evaluate(qrels, run, measures, {.complete = true, .exclude_self = true});
  if (!evaluation.ok()) {
    std::abort();
  }
  for (const double mean : evaluation->means) {
    if (!(mean >= 0 && mean <= 1 + 1e-12)) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<eval::Run> run = eval::ParseRun(text, "input");
  const Result<eval::Qrels> qrels = eval::ParseQrels(text, "input");
  (void)eval::ParseQueries(text, "input").ok();
  (void)eval::ParseMeasures({std::string(text)}).ok();
  if (run.ok()) {
    CheckRewriting(*run);
  }
  if (run.ok() && qrels.ok()) {
    CheckEvaluation(*qrels, *run);
  }
  return 0;
}
