// What `podium bench` asks a model to score: requests of one query and its candidates, as token ids
// or as texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "nn/model.h"
#include "nn/token_batch.h"
#include "run_input.h"

namespace podium::cli::bench {

struct Request {
  nn::TokenBatch batch = {};  // what the model reads; of texts, once they are tokenised
  std::string query = {};     // texts only
  std::vector<std::string> passages = {};
};

struct Workload {
  std::string name = {};
  bool texts = false;
  std::vector<Request> requests = {};

  size_t pairs() const;
  size_t tokens() const;
};

// `count` pairs of `tokens` tokens.
struct LengthCount {
  size_t tokens = 0;
  size_t count = 0;
};

// "16:10,128:50", or lines of "tokens count". InvalidArgument headed by `where`: what is neither,
// zeros, or more than kMaxPairs pairs.
Result<std::vector<LengthCount>> ParseLengths(std::string_view text, const std::string& where);
inline constexpr size_t kMaxPairs = 1'000'000;

// The lengths of ParseLengths one after another, from a list or from the file of that name.
Result<std::vector<size_t>> ReadLengths(const std::string& list_or_file);

// The pair lengths of a fixed workload, special tokens included:
//   a  100 pairs of 128        c  one pair of 128
//   b  100 of mixed lengths    d  100 pairs of 256
// Those of b are 13 + round(110 exp(0.6 z)) cut to [16, 510] with z standard normal, as web
// passages are about lognormal. Empty: another name.
std::vector<size_t> FixedLengths(std::string_view name);

// One request of such pairs for a model: [CLS] query [SEP] passage [SEP] with ids drawn as words
// are, from the same seed each time. InvalidArgument: a pair that the model is too short for.
Result<Workload> MakeWorkload(const std::string& name, const std::vector<size_t>& lengths,
                              const nn::ModelInfo& model);

// The requests of a JSON file (docs/benchmarking.md), each a workload of its own. "PATH:NAME" is
// the one of that name. InvalidArgument: a pair that the model is too short for.
Result<std::vector<Workload>> ReadWorkloads(const std::string& path, const nn::ModelInfo& model);

// A run with its texts, one request a query.
Result<Workload> ReadRunWorkload(const RunInput& input);

}  // namespace podium::cli::bench
