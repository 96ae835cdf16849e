// A run that is to be reranked: its queries and the texts of their candidates.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "podium/status.h"

#include "command.h"

namespace podium::cli {

struct RunInput {
  std::string corpus;
  std::string queries;
  std::string run;
  size_t candidates = 100;
};

// Adds --corpus, --queries, --run and --candidates; with `required`, the first three must be given.
void AddRunInputOptions(CLI::App& command, RunInput& input, bool required);

struct RunRequests {
  // One query of the run with its best candidates, best first.
  struct Query {
    std::string id;
    std::string text;
    std::vector<std::string> docids;
  };
  std::vector<Query> queries;                             // in the order of the run
  std::unordered_map<std::string, std::string> passages;  // by document id
};

// NotFound: a query or a document of the run that is not there.
Result<RunRequests> ReadRunRequests(const RunInput& input);

}  // namespace podium::cli
