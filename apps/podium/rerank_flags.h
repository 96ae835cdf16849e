// The options that every command with a reranker shares.
#pragma once

#include <cstddef>
#include <string>

#include "podium/reranker.h"

#include "command.h"
#include "io/json.h"

namespace podium::cli {

struct RerankFlags {
  std::string model;
  TruncationRule truncation = TruncationRule::kLongestFirst;
  size_t max_tokens = 0;
  ScoreSpace scores = ScoreSpace::kModel;
  size_t threads = 0;
  Precision precision = Precision::kAuto;
};

// Adds --precision to a command that loads a model.
void AddPrecisionOption(CLI::App& command, Precision& precision);

// Adds --truncation, --max-tokens, --scores, --threads and --precision; the option that names the
// model is the caller's.
void AddRerankFlags(CLI::App& command, RerankFlags& flags);

// {"raw": …, "tokens": …, "truncated": …, …} or {"error": …}: one candidate's outcome for --json.
io::Json CandidateToJson(const CandidateScore& score);

// "document cut by 35 tokens", "no score: …", or "" where there is nothing to say.
std::string CandidateRemark(const CandidateScore& score);

}  // namespace podium::cli
