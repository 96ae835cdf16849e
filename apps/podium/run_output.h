// A TREC run on its way to a file or to standard output, with what has to be said at the end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podium/engine.h"

#include "base/stopwatch.h"
#include "eval/run.h"
#include "io/file.h"

namespace podium::cli {

// Writes queries as they are answered. A file appears under its name only with Finish, which is
// called also after Ctrl-C: the queries answered by then are kept.
class RunOutput {
 public:
  struct Item {
    std::string id;
    double score = 0;
    std::optional<CandidateScore> outcome;  // where a reranker read it
  };

  // path "-" is standard output.
  static Result<std::unique_ptr<RunOutput>> Create(const std::string& path, const std::string& tag);

  // Items ranked best first. Those without a score are written below the others, in their order.
  // `tokens_from_index` is SearchResponse's.
  Status WriteQuery(const std::string& id, std::vector<Item> items, const StageTimes& times,
                    size_t tokens_from_index = 0);

  // Closes the run and reports: how many of `queries` were answered, time per stage, truncated and
  // failed candidates, the model (null: none). Cancelled if a stop was asked for.
  Status Finish(size_t queries, const Reranker* reranker, bool json);

 private:
  RunOutput(std::string path, std::optional<io::AtomicFile> file, const std::string& tag);

  const std::string path_;
  std::optional<io::AtomicFile> file_;
  eval::TrecRunWriter writer_;
  Stopwatch clock_;
  StageTimes times_;
  size_t queries_ = 0;
  size_t pairs_ = 0;
  size_t tokens_from_index_ = 0;
  size_t truncated_ = 0;
  size_t failed_ = 0;
};

}  // namespace podium::cli
