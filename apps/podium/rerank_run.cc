#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/format.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "commands.h"
#include "eval/queries.h"
#include "eval/run.h"
#include "passages.h"
#include "ranking/order.h"
#include "rerank_flags.h"
#include "run_output.h"

namespace podium::cli {
namespace {

struct RerankRunOptions {
  std::string corpus;
  std::string queries;
  std::string run;
  std::string output = "-";
  std::string tag;
  size_t candidates = 100;
  RerankFlags rerank;
  bool json = false;
};

// One query of the run with its best candidates, best first, and its text.
struct Work {
  std::string id;
  std::string text;
  std::vector<std::string> docids;
};

Result<std::vector<Work>> PlanWork(const RerankRunOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(std::vector<eval::Query> queries, eval::ReadQueries(options.queries));
  std::unordered_map<std::string, std::string> text;
  for (eval::Query& query : queries) {
    text.emplace(std::move(query.id), std::move(query.text));
  }
  PODIUM_ASSIGN_OR_RETURN(const eval::Run run, eval::ReadRun(options.run));
  std::vector<Work> work;
  work.reserve(run.queries.size());
  for (const eval::RunQuery& query : run.queries) {
    const auto found = text.find(query.id);
    if (found == text.end()) {
      return NotFound(
          Format("query {} of {} is not in {}", query.id, options.run, options.queries));
    }
    Work item{.id = query.id, .text = found->second, .docids = {}};
    for (const uint32_t i : eval::RankEntries(query.entries)) {
      if (item.docids.size() == options.candidates) {
        break;
      }
      item.docids.push_back(query.entries[i].docid);
    }
    work.push_back(std::move(item));
  }
  return work;
}

// The passages that the work needs, by document id; a document that is not there is an error.
Result<std::unordered_map<std::string, std::string>> LoadAll(const RerankRunOptions& options,
                                                             const std::vector<Work>& work) {
  std::unordered_set<std::string> wanted;
  for (const Work& item : work) {
    wanted.insert(item.docids.begin(), item.docids.end());
  }
  PODIUM_ASSIGN_OR_RETURN(auto passages, LoadPassages(options.corpus, wanted));
  std::vector<std::string> missing;
  for (const std::string& docid : wanted) {
    if (!passages.contains(docid)) {
      missing.push_back(docid);
    }
  }
  if (!missing.empty()) {
    return NotFound(Format("{} document(s) of {} are not in {}, the first is {}", missing.size(),
                           options.run, options.corpus,
                           *std::min_element(missing.begin(), missing.end())));
  }
  return passages;
}

Result<std::vector<RunOutput::Item>> RerankOne(
    const Reranker& reranker, const RerankRunOptions& options, const Work& work,
    const std::unordered_map<std::string, std::string>& passages, StageTimes& times) {
  RerankRequest request{.query = work.text,
                        .truncation = options.rerank.truncation,
                        .max_tokens = options.rerank.max_tokens,
                        .scores = options.rerank.scores};
  for (const std::string& docid : work.docids) {
    request.candidates.push_back(passages.at(docid));
  }
  PODIUM_ASSIGN_OR_RETURN(RerankResponse response, reranker.Rerank(request));
  times.tokenize = response.tokenize_seconds;
  times.score = response.score_seconds;
  std::vector<ranking::Scored> scored;
  for (size_t i = 0; i < work.docids.size(); ++i) {
    scored.push_back({.score = response.scores[i].score,
                      .failed = !response.scores[i].error.ok(),
                      .first_stage_rank = i + 1,
                      .id = work.docids[i]});
  }
  std::vector<RunOutput::Item> items;
  for (const size_t i : ranking::RankOrder(scored)) {
    items.push_back({.id = work.docids[i],
                     .score = response.scores[i].score,
                     .outcome = std::move(response.scores[i])});
  }
  return items;
}

Status RunRerankRun(const RerankRunOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const std::vector<Work> work, PlanWork(options));
  PODIUM_ASSIGN_OR_RETURN(const auto passages, LoadAll(options, work));
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Reranker> reranker,
      LoadReranker(options.rerank.model,
                   {.threads = options.rerank.threads, .precision = options.rerank.precision}));
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<RunOutput> output,
      RunOutput::Create(options.output, options.tag.empty() ? "rerank" : options.tag));
  {
    Progress progress("reranking", "queries", work.size());
    for (const Work& item : work) {
      if (StopRequested()) {
        break;
      }
      StageTimes times;
      PODIUM_ASSIGN_OR_RETURN(std::vector<RunOutput::Item> items,
                              RerankOne(*reranker, options, item, passages, times));
      PODIUM_RETURN_IF_ERROR(output->WriteQuery(item.id, std::move(items), times));
      progress.Add(1);
    }
  }
  return output->Finish(work.size(), reranker.get(), options.json);
}

}  // namespace

void AddRerankRunCommand(CommandLine& line) {
  auto options = std::make_shared<RerankRunOptions>();
  CLI::App& command = line.Add("rerank-run", "Rerank a TREC run with a cross-encoder",
                               [options] { return RunRerankRun(*options); });
  command.add_option("--model", options->rerank.model, "Reranking model: a directory or org/name")
      ->required()
      ->type_name("MODEL");
  command
      .add_option("--corpus", options->corpus,
                  "The documents: a corpus file as 'podium index' reads it, or an index directory")
      ->required()
      ->type_name("PATH");
  command
      .add_option("--queries", options->queries,
                  "Queries: BEIR JSONL ({_id, text}) or TSV (id, text)")
      ->required()
      ->type_name("FILE");
  command.add_option("--run", options->run, "The run to rerank")->required()->type_name("FILE");
  command.add_option("-o,--output", options->output, "The new run; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command.add_option("--tag", options->tag, "Name of the run in its last column")->type_name("TAG");
  command
      .add_option("--candidates", options->candidates,
                  "Best documents a query to rerank; the rest is left out")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  AddRerankFlags(command, options->rerank);
  command.add_flag("--json", options->json,
                   "The summary as JSON (on standard error if the run goes to standard output)");
}

}  // namespace podium::cli
