#include "text_parity.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/format.h"
#include "io/json.h"
#include "nn/model.h"
#include "text/tokenizer.h"

namespace podium::cli {
namespace {

using io::Json;
using io::JsonGet;

struct Pair {
  std::string query;
  std::string document;
  text::Truncation truncation;
  std::vector<int32_t> ids;
  std::vector<int32_t> types;
  double logit = 0;
  double sigmoid = 0;
};

Result<std::vector<int32_t>> ReadIds(const Json& json, std::string_view key,
                                     const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) {
    return DataCorruption(Format("{}: expected an array \"{}\"", where, key));
  }
  std::vector<int32_t> ids;
  for (const Json& id : *found) {
    if (!id.is_number_integer()) {
      return DataCorruption(Format("{}: {}: {} is not a token id", where, key, io::DumpJson(id)));
    }
    ids.push_back(id.get<int32_t>());
  }
  return ids;
}

Result<Pair> ReadPair(const Json& json, const std::string& where) {
  Pair pair;
  PODIUM_ASSIGN_OR_RETURN(pair.query, JsonGet<std::string>(json, "query", where));
  PODIUM_ASSIGN_OR_RETURN(pair.document, JsonGet<std::string>(json, "document", where));
  PODIUM_ASSIGN_OR_RETURN(const uint64_t longest, JsonGet<uint64_t>(json, "max_length", where));
  PODIUM_ASSIGN_OR_RETURN(const std::string rule, JsonGet<std::string>(json, "truncation", where));
  pair.truncation.max_length = longest;
  if (rule == "only_second") {
    pair.truncation.strategy = text::TruncationStrategy::kOnlySecond;
  } else if (rule == "only_first") {
    pair.truncation.strategy = text::TruncationStrategy::kOnlyFirst;
  } else if (rule != "longest_first") {
    return DataCorruption(
        Format("{}: truncation \"{}\" is not one of longest_first, only_first, "
               "only_second",
               where, rule));
  }
  PODIUM_ASSIGN_OR_RETURN(pair.ids, ReadIds(json, "input_ids", where));
  PODIUM_ASSIGN_OR_RETURN(pair.types, ReadIds(json, "token_type_ids", where));
  PODIUM_ASSIGN_OR_RETURN(pair.logit, JsonGet<double>(json, "logit", where));
  PODIUM_ASSIGN_OR_RETURN(pair.sigmoid, JsonGet<double>(json, "sigmoid", where));
  return pair;
}

Result<std::vector<Pair>> ReadPairs(const Json& file, const std::string& where) {
  const auto cases = file.is_object() ? file.find("cases") : file.end();
  if (!file.is_object() || cases == file.end() || !cases->is_array() || cases->empty()) {
    return DataCorruption(Format("{}: expected an array \"cases\" that is not empty", where));
  }
  std::vector<Pair> pairs;
  for (const Json& json : *cases) {
    PODIUM_ASSIGN_OR_RETURN(Pair pair, ReadPair(json, Format("{}: case {}", where, pairs.size())));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

void Compare(double actual, double expected, size_t pair, nn::ParityOutput& output) {
  ++output.cases;
  const double difference = std::abs(actual - expected);
  if (!(difference < output.worst)) {
    output.worst = std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
    output.worst_case = std::to_string(pair);
  }
}

}  // namespace

Result<TextParity> CheckTexts(const std::filesystem::path& dir, const std::filesystem::path& path,
                              const kernels::KernelTable& table, ThreadPool& pool) {
  const std::string where = path.string();
  PODIUM_ASSIGN_OR_RETURN(const Json file, io::ReadJsonFile(path));
  PODIUM_ASSIGN_OR_RETURN(const std::vector<Pair> pairs, ReadPairs(file, where));
  TextParity parity;
  parity.logit.name = "logit";
  parity.logit.primary = true;
  PODIUM_ASSIGN_OR_RETURN(parity.logit.floor,
                          io::JsonGetOr<double>(file, "noise_floor_logit", 1e-6, where));
  parity.sigmoid.name = "sigmoid";
  parity.sigmoid.floor = parity.logit.floor / 4;  // the steepest slope of the sigmoid
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const text::Tokenizer> tokenizer,
                          text::Tokenizer::Load(dir));
  nn::LoadOptions options;
  options.kernels = &table;
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const nn::Model> model,
                          nn::Model::Load(dir, options));
  if (model->info().task != nn::ModelTask::kClassify || model->info().outputs != 1) {
    return InvalidArgument(Format("{}: scores of pairs do not fit a {} with {} outputs", where,
                                  model->info().architecture, model->info().outputs));
  }
  nn::TokenBatch batch;
  for (const Pair& pair : pairs) {
    PODIUM_ASSIGN_OR_RETURN(const text::Encoding encoding,
                            tokenizer->EncodePair(pair.query, pair.document, pair.truncation));
    if (encoding.ids != pair.ids || encoding.type_ids != pair.types) {
      if (parity.token_differences++ == 0) {
        parity.first_difference = Format("\"{}\" with \"{}\"", pair.query, pair.document);
      }
    }
    batch.Add(encoding.ids, encoding.type_ids);
  }
  PODIUM_ASSIGN_OR_RETURN(const std::vector<float> logits, model->Run(batch, pool));
  parity.pairs = pairs.size();
  for (size_t i = 0; i < pairs.size(); ++i) {
    Compare(logits[i], pairs[i].logit, i, parity.logit);
    Compare(1.0 / (1.0 + std::exp(-static_cast<double>(logits[i]))), pairs[i].sigmoid, i,
            parity.sigmoid);
  }
  return parity;
}

}  // namespace podium::cli
