#include "run_input.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "eval/queries.h"
#include "eval/run.h"
#include "passages.h"

namespace podium::cli {
namespace {

Result<std::vector<RunRequests::Query>> ReadCandidates(const RunInput& input) {
  PODIUM_ASSIGN_OR_RETURN(std::vector<eval::Query> queries, eval::ReadQueries(input.queries));
  std::unordered_map<std::string, std::string> text;
  for (eval::Query& query : queries) {
    text.emplace(std::move(query.id), std::move(query.text));
  }
  PODIUM_ASSIGN_OR_RETURN(const eval::Run run, eval::ReadRun(input.run));
  std::vector<RunRequests::Query> result;
  result.reserve(run.queries.size());
  for (const eval::RunQuery& query : run.queries) {
    const auto found = text.find(query.id);
    if (found == text.end()) {
      return NotFound(Format("query {} of {} is not in {}", query.id, input.run, input.queries));
    }
    RunRequests::Query item{.id = query.id, .text = found->second, .docids = {}};
    for (const uint32_t i : eval::RankEntries(query.entries)) {
      if (item.docids.size() == input.candidates) {
        break;
      }
      item.docids.push_back(query.entries[i].docid);
    }
    result.push_back(std::move(item));
  }
  return result;
}

// The passages that the queries need; a document that is not there is an error.
Result<std::unordered_map<std::string, std::string>> LoadAll(
    const RunInput& input, const std::vector<RunRequests::Query>& queries) {
  std::unordered_set<std::string> wanted;
  for (const RunRequests::Query& query : queries) {
    wanted.insert(query.docids.begin(), query.docids.end());
  }
  PODIUM_ASSIGN_OR_RETURN(auto passages, LoadPassages(input.corpus, wanted));
  std::vector<std::string> missing;
  for (const std::string& docid : wanted) {
    if (!passages.contains(docid)) {
      missing.push_back(docid);
    }
  }
  if (!missing.empty()) {
    return NotFound(Format("{} document(s) of {} are not in {}, the first is {}", missing.size(),
                           input.run, input.corpus,
                           *std::min_element(missing.begin(), missing.end())));
  }
  return passages;
}

}  // namespace

void AddRunInputOptions(CLI::App& command, RunInput& input, bool required) {
  command
      .add_option("--corpus", input.corpus,
                  "The documents: a corpus file as 'podium index' reads it, or an index directory")
      ->required(required)
      ->type_name("PATH");
  command
      .add_option("--queries", input.queries, "Queries: BEIR JSONL ({_id, text}) or TSV (id, text)")
      ->required(required)
      ->type_name("FILE");
  command.add_option("--run", input.run, "The run to rerank")
      ->required(required)
      ->type_name("FILE");
  command
      .add_option("--candidates", input.candidates,
                  "Best documents a query to rerank; the rest is left out")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
}

Result<RunRequests> ReadRunRequests(const RunInput& input) {
  RunRequests requests;
  PODIUM_ASSIGN_OR_RETURN(requests.queries, ReadCandidates(input));
  PODIUM_ASSIGN_OR_RETURN(requests.passages, LoadAll(input, requests.queries));
  return requests;
}

}  // namespace podium::cli
