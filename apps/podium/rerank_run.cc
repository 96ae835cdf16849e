#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/interrupt.h"
#include "base/progress.h"
#include "commands.h"
#include "ranking/order.h"
#include "rerank_flags.h"
#include "run_input.h"
#include "run_output.h"

namespace podium::cli {
namespace {

struct RerankRunOptions {
  RunInput input;
  std::string output = "-";
  std::string tag;
  RerankFlags rerank;
  bool json = false;
};

Result<std::vector<RunOutput::Item>> RerankOne(
    const Reranker& reranker, const RerankRunOptions& options, const RunRequests::Query& query,
    const std::unordered_map<std::string, std::string>& passages, StageTimes& times) {
  RerankRequest request{.query = query.text,
                        .truncation = options.rerank.truncation,
                        .max_tokens = options.rerank.max_tokens,
                        .scores = options.rerank.scores};
  for (const std::string& docid : query.docids) {
    request.candidates.push_back(passages.at(docid));
  }
  PODIUM_ASSIGN_OR_RETURN(RerankResponse response, reranker.Rerank(request));
  times.tokenize = response.tokenize_seconds;
  times.score = response.score_seconds;
  std::vector<ranking::Scored> scored;
  for (size_t i = 0; i < query.docids.size(); ++i) {
    scored.push_back({.score = response.scores[i].score,
                      .failed = !response.scores[i].error.ok(),
                      .first_stage_rank = i + 1,
                      .id = query.docids[i]});
  }
  std::vector<RunOutput::Item> items;
  for (const size_t i : ranking::RankOrder(scored)) {
    items.push_back({.id = query.docids[i],
                     .score = response.scores[i].score,
                     .outcome = std::move(response.scores[i])});
  }
  return items;
}

Status RunRerankRun(const RerankRunOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const RunRequests requests, ReadRunRequests(options.input));
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Reranker> reranker,
      LoadReranker(options.rerank.model,
                   {.threads = options.rerank.threads, .precision = options.rerank.precision}));
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<RunOutput> output,
      RunOutput::Create(options.output, options.tag.empty() ? "rerank" : options.tag));
  {
    Progress progress("reranking", "queries", requests.queries.size());
    for (const RunRequests::Query& query : requests.queries) {
      if (StopRequested()) {
        break;
      }
      StageTimes times;
      PODIUM_ASSIGN_OR_RETURN(std::vector<RunOutput::Item> items,
                              RerankOne(*reranker, options, query, requests.passages, times));
      PODIUM_RETURN_IF_ERROR(output->WriteQuery(query.id, std::move(items), times));
      progress.Add(1);
    }
  }
  return output->Finish(requests.queries.size(), reranker.get(), options.json);
}

}  // namespace

void AddRerankRunCommand(CommandLine& line) {
  auto options = std::make_shared<RerankRunOptions>();
  CLI::App& command = line.Add("rerank-run", "Rerank a TREC run with a cross-encoder",
                               [options] { return RunRerankRun(*options); });
  command.add_option("--model", options->rerank.model, "Reranking model: a directory or org/name")
      ->required()
      ->type_name("MODEL");
  AddRunInputOptions(command, options->input, true);
  command.add_option("-o,--output", options->output, "The new run; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command.add_option("--tag", options->tag, "Name of the run in its last column")->type_name("TAG");
  AddRerankFlags(command, options->rerank);
  command.add_flag("--json", options->json,
                   "The summary as JSON (on standard error if the run goes to standard output)");
}

}  // namespace podium::cli
