#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/format.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "commands.h"
#include "eval/queries.h"
#include "filters.h"
#include "rerank_flags.h"
#include "run_output.h"

namespace podium::cli {
namespace {

struct RunOptions {
  std::string index;
  std::string queries;
  std::string output = "-";
  std::string tag;
  SearchRequest request = {.top = 100, .documents = false};
  std::vector<std::string> filters;
  RerankFlags rerank;
  bool json = false;
};

// Queries handed to the engine at once: enough to keep every core busy with the first stage, few
// enough that progress and Ctrl-C are prompt.
constexpr size_t kFirstStageBatch = 64;
constexpr size_t kRerankBatch = 2;

Status SearchAll(const Engine& engine, const RunOptions& options,
                 const std::vector<eval::Query>& queries, RunOutput& output) {
  const size_t batch = options.rerank.model.empty() ? kFirstStageBatch : kRerankBatch;
  Progress progress("searching", "queries", queries.size());
  for (size_t begin = 0; begin < queries.size() && !StopRequested(); begin += batch) {
    const size_t end = std::min(begin + batch, queries.size());
    std::vector<SearchRequest> requests(end - begin, options.request);
    for (size_t i = begin; i < end; ++i) {
      requests[i - begin].query = queries[i].text;
    }
    std::vector<Result<SearchResponse>> responses = engine.SearchBatch(requests);
    for (size_t i = begin; i < end; ++i) {
      Result<SearchResponse>& response = responses[i - begin];
      if (!response.ok()) {
        return response.status().WithContext(Format("query {}", queries[i].id));
      }
      std::vector<RunOutput::Item> items;
      for (SearchResult& result : response->results) {
        items.push_back({.id = std::move(result.document.id),
                         .score = result.score,
                         .outcome = std::move(result.rerank)});
      }
      PODIUM_RETURN_IF_ERROR(output.WriteQuery(queries[i].id, std::move(items), response->times,
                                               response->tokens_from_index));
    }
    progress.Add(end - begin);
  }
  return Status::Ok();
}

Status RunRun(RunOptions options) {
  PODIUM_ASSIGN_OR_RETURN(options.request.filters, ParseFilters(options.filters));
  options.request.truncation = options.rerank.truncation;
  options.request.max_tokens = options.rerank.max_tokens;
  options.request.scores = options.rerank.scores;
  PODIUM_ASSIGN_OR_RETURN(const std::vector<eval::Query> queries,
                          eval::ReadQueries(options.queries));
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                          Engine::Open({.index = options.index,
                                        .reranker = options.rerank.model,
                                        .threads = options.rerank.threads,
                                        .precision = options.rerank.precision}));
  const std::string tag = !options.tag.empty()           ? options.tag
                          : options.rerank.model.empty() ? "bm25"
                                                         : "bm25+rerank";
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<RunOutput> output,
                          RunOutput::Create(options.output, tag));
  PODIUM_RETURN_IF_ERROR(SearchAll(*engine, options, queries, *output));
  return output->Finish(queries.size(), engine->reranker(), options.json);
}

}  // namespace

void AddRunCommand(CommandLine& line) {
  auto options = std::make_shared<RunOptions>();
  CLI::App& command = line.Add("run", "Answer a file of queries and write a TREC run",
                               [options] { return RunRun(*options); });
  command.add_option("index", options->index, "Index directory")->required()->type_name("DIR");
  command
      .add_option("queries", options->queries,
                  "Queries: BEIR JSONL ({_id, text}) or TSV (id, text)")
      ->required()
      ->type_name("FILE");
  command.add_option("-o,--output", options->output, "The run; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command.add_option("--tag", options->tag, "Name of the run in its last column")->type_name("TAG");
  command.add_option("--rerank", options->rerank.model, "Reranking model: a directory or org/name")
      ->type_name("MODEL");
  command.add_option("--candidates", options->request.candidates, "BM25 results to rerank")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--top", options->request.top, "Results a query")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  AddFilterOption(command, options->filters);
  AddRerankFlags(command, options->rerank);
  command.add_flag("--json", options->json,
                   "The summary as JSON (on standard error if the run goes to standard output)");
}

}  // namespace podium::cli
