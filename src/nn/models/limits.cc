#include "nn/models/limits.h"

#include <cmath>

#include "base/format.h"
#include "io/json.h"

namespace podium::nn {
namespace {

using io::Json;

// An object, or an empty one where there is no such file.
Result<Json> ReadOptional(const std::filesystem::path& path) {
  Result<Json> json = io::ReadJsonFile(path);
  if (!json.ok() && json.status().code() == StatusCode::kNotFound) {
    return Json(Json::object());
  }
  if (json.ok() && !json->is_object()) {
    return InvalidArgument(
        Format("{}: expected an object, found {}", path.string(), io::JsonTypeName(*json)));
  }
  return json;
}

Status Lower(const std::filesystem::path& path, std::string_view key, TokenLimit& limit) {
  PODIUM_ASSIGN_OR_RETURN(const Json config, ReadOptional(path));
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) {
    return Status::Ok();
  }
  const std::string source = Format("{}: {}", path.filename().string(), key);
  const double value = found->is_number() ? found->get<double>() : 0;
  if (!(value >= 1) || (value < 1e15 && value != std::floor(value))) {
    return InvalidArgument(Format("{}: {}: expected a positive integer, found {}", path.string(),
                                  key, io::DumpJson(*found)));
  }
  if (value < static_cast<double>(limit.tokens)) {
    limit = {static_cast<size_t>(value), source};
  }
  return Status::Ok();
}

}  // namespace

Result<TokenLimit> ReadTokenLimit(const std::filesystem::path& dir, size_t positions) {
  TokenLimit limit = {positions, "positions in config.json"};
  PODIUM_RETURN_IF_ERROR(Lower(dir / "sentence_bert_config.json", "max_seq_length", limit));
  PODIUM_RETURN_IF_ERROR(Lower(dir / "tokenizer_config.json", "model_max_length", limit));
  return limit;
}

Result<ScoreRule> ReadScoreRule(const std::filesystem::path& dir, const ModelConfig& config) {
  const std::filesystem::path path = dir / "config_sentence_transformers.json";
  PODIUM_ASSIGN_OR_RETURN(const Json own, ReadOptional(path));
  PODIUM_ASSIGN_OR_RETURN(std::string class_name,
                          io::JsonGetOr<std::string>(own, "activation_fn", "", path.string()));
  std::string source = Format("{}: activation_fn", path.filename().string());
  if (class_name.empty()) {
    class_name = config.score_activation;
    source = Format("config.json: {}", config.score_activation_key);
  }
  const size_t labels = config.labels.size();
  ScoreRule rule;
  PODIUM_ASSIGN_OR_RETURN(
      rule.activation,
      ResolveScoreActivation(class_name, labels, Format("{}: {}", dir.string(), source)));
  const std::string fallback = Format("default for {} label{}", labels, labels == 1 ? "" : "s");
  if (class_name.empty()) {
    rule.source = fallback;
  } else if (class_name.starts_with("torch.")) {
    rule.source = source;
  } else {
    rule.source =
        Format("{} ({} names \"{}\", which is not torch's)", fallback, source, class_name);
  }
  return rule;
}

}  // namespace podium::nn
