// What files other than config.json say about a model: how long its texts may be and what its
// scores mean.
#pragma once

#include <filesystem>
#include <string>

#include "podium/status.h"

#include "nn/models/model_config.h"

namespace podium::nn {

struct TokenLimit {
  size_t tokens = 0;
  std::string source;  // the file and key, or "positions"
};

// The least of `positions`, max_seq_length in sentence_bert_config.json and model_max_length in
// tokenizer_config.json. Missing files and the huge numbers that stand for "none" do not limit.
Result<TokenLimit> ReadTokenLimit(const std::filesystem::path& dir, size_t positions);

struct ScoreRule {
  ScoreActivation activation = ScoreActivation::kIdentity;
  std::string source;  // the file and key, or "default for 1 label"
};

// activation_fn in config_sentence_transformers.json, else what config.json says, else the default
// for the number of labels; classes outside torch count as not given.
Result<ScoreRule> ReadScoreRule(const std::filesystem::path& dir, const ModelConfig& config);

}  // namespace podium::nn
