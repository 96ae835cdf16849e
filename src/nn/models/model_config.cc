#include "nn/models/model_config.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace podium::nn {
namespace {

using io::Json;
using io::JsonGetOr;

// Far above any encoder in use and small enough that no product of two of them overflows 64 bits.
constexpr int64_t kMaxVocabulary = 1 << 24;
constexpr int64_t kMaxPositions = 1 << 22;
constexpr int64_t kMaxWidth = 1 << 18;
constexpr int64_t kMaxLayers = 1 << 10;
constexpr size_t kMaxLabels = 1 << 16;

struct Bounds {
  int64_t low;
  int64_t high;
};

Result<size_t> ReadSize(const Json& config, const ConfigKey& key, Bounds bounds,
                        std::string_view name) {
  if (key.key.empty()) {
    return static_cast<size_t>(key.fallback);
  }
  PODIUM_ASSIGN_OR_RETURN(const int64_t value,
                          JsonGetOr<int64_t>(config, key.key, key.fallback, name));
  if (value < bounds.low || value > bounds.high) {
    return InvalidArgument(
        Format("{}: {} is {}, expected {} to {}", name, key.key, value, bounds.low, bounds.high));
  }
  return static_cast<size_t>(value);
}

Status ReadSizes(const Json& config, const Family& family, EncoderSpec& spec,
                 std::string_view name) {
  const ConfigKeys& keys = family.keys;
  spec.position_rule = family.position_rule;
  PODIUM_ASSIGN_OR_RETURN(spec.vocab_size,
                          ReadSize(config, keys.vocab_size, {1, kMaxVocabulary}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.type_vocab_size,
                          ReadSize(config, keys.type_vocab_size, {1, kMaxWidth}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.position_rows,
                          ReadSize(config, keys.position_rows, {1, kMaxPositions}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.hidden_size,
                          ReadSize(config, keys.hidden_size, {1, kMaxWidth}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.embedding_size,
                          ReadSize(config, keys.embedding_size, {1, kMaxWidth}, name));
  if (spec.embedding_size == 0) {
    spec.embedding_size = spec.hidden_size;
  }
  PODIUM_ASSIGN_OR_RETURN(spec.layers, ReadSize(config, keys.layers, {1, kMaxLayers}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.heads, ReadSize(config, keys.heads, {1, kMaxWidth}, name));
  PODIUM_ASSIGN_OR_RETURN(spec.intermediate_size,
                          ReadSize(config, keys.intermediate_size, {1, kMaxWidth}, name));
  // The reference cuts distances into 32 buckets whatever the size of the table.
  PODIUM_ASSIGN_OR_RETURN(spec.bias_buckets,
                          ReadSize(config, keys.bias_buckets, {32, kMaxWidth}, name));
  if (spec.hidden_size % spec.heads != 0) {
    return InvalidArgument(Format("{}: {} {} is not a multiple of {} {}", name,
                                  keys.hidden_size.key, spec.hidden_size, keys.heads.key,
                                  spec.heads));
  }
  if (family.position_rule == PositionRule::kSkipPadding) {
    PODIUM_ASSIGN_OR_RETURN(const size_t padding,
                            ReadSize(config, keys.padding_id, {0, kMaxVocabulary}, name));
    spec.padding_id = static_cast<int32_t>(padding);
  }
  if (spec.max_positions() == 0) {
    return InvalidArgument(Format("{}: {} {} leaves no position after padding id {}", name,
                                  keys.position_rows.key, spec.position_rows, spec.padding_id));
  }
  return Status::Ok();
}

Status ReadRules(const Json& config, const Family& family, EncoderSpec& spec,
                 std::string_view name) {
  spec.attention_bias = family.attention_bias;
  spec.names = family.names;
  if (spec.embedding_size == spec.hidden_size) {
    spec.names.embedding_projection.clear();
  }
  PODIUM_ASSIGN_OR_RETURN(const std::string activation,
                          JsonGetOr<std::string>(config, family.keys.activation, "gelu", name));
  PODIUM_ASSIGN_OR_RETURN(
      spec.activation,
      ActivationFromConfig(activation, Format("{}: {}", name, family.keys.activation)));
  spec.norm_eps = 1e-12;
  if (!family.keys.norm_eps.empty()) {
    PODIUM_ASSIGN_OR_RETURN(spec.norm_eps,
                            JsonGetOr<double>(config, family.keys.norm_eps, spec.norm_eps, name));
    if (!(spec.norm_eps >= 0 && spec.norm_eps < 1)) {
      return InvalidArgument(
          Format("{}: {} is {}, expected 0 to 1", name, family.keys.norm_eps, spec.norm_eps));
    }
  }
  return Status::Ok();
}

// Variants of the supported families that compute something else.
Status RefuseVariants(const Json& config, std::string_view name) {
  PODIUM_ASSIGN_OR_RETURN(
      const std::string positions,
      JsonGetOr<std::string>(config, "position_embedding_type", "absolute", name));
  if (positions != "absolute") {
    return Unsupported(Format(
        "{}: position_embedding_type is \"{}\", only \"absolute\" is supported", name, positions));
  }
  for (const std::string_view key : {"is_decoder", "add_cross_attention"}) {
    PODIUM_ASSIGN_OR_RETURN(const bool set, JsonGetOr<bool>(config, key, false, name));
    if (set) {
      return Unsupported(Format("{}: {} is true, only encoders are supported", name, key));
    }
  }
  const auto quantization = config.find("quantization_config");
  if (quantization != config.end() && !quantization->is_null()) {
    return Unsupported(
        Format("{}: has a quantization_config, only plain weights are supported", name));
  }
  return Status::Ok();
}

// id2label wins over num_labels, as in the reference; two labels where neither is given.
Result<std::vector<std::string>> ReadLabels(const Json& config, std::string_view name) {
  const auto found = config.find("id2label");
  if (found == config.end() || found->is_null()) {
    PODIUM_ASSIGN_OR_RETURN(
        const size_t count,
        ReadSize(config, {"num_labels", 2}, {1, static_cast<int64_t>(kMaxLabels)}, name));
    std::vector<std::string> labels;
    for (size_t i = 0; i < count; ++i) {
      labels.push_back(Format("LABEL_{}", i));
    }
    return labels;
  }
  if (!found->is_object() || found->empty() || found->size() > kMaxLabels) {
    return InvalidArgument(Format("{}: id2label: expected an object with 1 to {} labels, found {}",
                                  name, kMaxLabels, io::JsonTypeName(*found)));
  }
  std::vector<std::string> labels;
  for (size_t i = 0; i < found->size(); ++i) {
    const auto label = found->find(std::to_string(i));
    if (label == found->end()) {
      return InvalidArgument(
          Format("{}: id2label has {} labels but none under \"{}\"", name, found->size(), i));
    }
    labels.push_back(label->is_string() ? label->get<std::string>() : io::DumpJson(*label));
  }
  return labels;
}

Result<std::string> ReadArchitecture(const Json& config, std::string_view name) {
  const auto found = config.find("architectures");
  if (found == config.end() || found->is_null() || (found->is_array() && found->empty())) {
    return std::string();
  }
  if (!found->is_array() || !found->front().is_string()) {
    return InvalidArgument(
        Format("{}: architectures: expected an array of strings, found {}", name,
               found->is_array() ? io::JsonTypeName(found->front()) : io::JsonTypeName(*found)));
  }
  return found->front().get<std::string>();
}

std::string SupportedArchitectures() {
  std::string list;
  for (const Family& family : Families()) {
    list +=
        Format("{}{}, {}", list.empty() ? "" : ", ", family.encoders.front(), family.classifier);
  }
  return list;
}

Status ChooseFamily(const Json& config, ModelConfig& result, std::string_view name) {
  PODIUM_ASSIGN_OR_RETURN(result.architecture, ReadArchitecture(config, name));
  PODIUM_ASSIGN_OR_RETURN(const std::string model_type,
                          JsonGetOr<std::string>(config, "model_type", "", name));
  if (model_type.empty() && result.architecture.empty()) {
    return InvalidArgument(Format("{}: names neither model_type nor architectures", name));
  }
  result.family =
      model_type.empty() ? FindFamilyByArchitecture(result.architecture) : FindFamily(model_type);
  if (result.family == nullptr) {
    return Unsupported(Format("{}: model type \"{}\" (architecture \"{}\") is not one of {}", name,
                              model_type, result.architecture, SupportedArchitectures()));
  }
  const Family& family = *result.family;
  if (result.architecture.empty()) {
    result.architecture = family.encoders.front();
  }
  if (result.architecture == family.classifier) {
    result.task = ModelTask::kClassify;
  } else if (std::find(family.encoders.begin(), family.encoders.end(), result.architecture) !=
             family.encoders.end()) {
    result.task = ModelTask::kEmbed;
  } else {
    return Unsupported(Format("{}: architecture \"{}\" is not one of {}", name, result.architecture,
                              SupportedArchitectures()));
  }
  return Status::Ok();
}

Status ReadScoreActivation(const Json& config, ModelConfig& result, std::string_view name) {
  const auto nested = config.find("sentence_transformers");
  if (nested != config.end() && nested->is_object() && nested->contains("activation_fn")) {
    result.score_activation_key = "sentence_transformers.activation_fn";
    PODIUM_ASSIGN_OR_RETURN(result.score_activation,
                            JsonGetOr<std::string>(*nested, "activation_fn", "",
                                                   Format("{}: sentence_transformers", name)));
  } else {
    result.score_activation_key = "sbert_ce_default_activation_function";
    PODIUM_ASSIGN_OR_RETURN(result.score_activation,
                            JsonGetOr<std::string>(config, result.score_activation_key, "", name));
  }
  if (result.score_activation.empty()) {
    result.score_activation_key.clear();
  }
  return Status::Ok();
}

}  // namespace

Result<ModelConfig> ParseModelConfig(const Json& config, std::string_view name) {
  if (!config.is_object()) {
    return InvalidArgument(
        Format("{}: expected an object, found {}", name, io::JsonTypeName(config)));
  }
  ModelConfig result;
  PODIUM_RETURN_IF_ERROR(ChooseFamily(config, result, name));
  PODIUM_RETURN_IF_ERROR(RefuseVariants(config, name));
  PODIUM_RETURN_IF_ERROR(ReadSizes(config, *result.family, result.encoder, name));
  PODIUM_RETURN_IF_ERROR(ReadRules(config, *result.family, result.encoder, name));
  if (result.task == ModelTask::kClassify) {
    PODIUM_ASSIGN_OR_RETURN(result.labels, ReadLabels(config, name));
  }
  PODIUM_RETURN_IF_ERROR(ReadScoreActivation(config, result, name));
  return result;
}

Result<ScoreActivation> ResolveScoreActivation(std::string_view class_name, size_t labels,
                                               std::string_view where) {
  if (!class_name.starts_with("torch.")) {
    return labels == 1 ? ScoreActivation::kSigmoid : ScoreActivation::kIdentity;
  }
  const std::string_view last = class_name.substr(class_name.rfind('.') + 1);
  if (class_name.starts_with("torch.nn.")) {
    if (last == "Identity") {
      return ScoreActivation::kIdentity;
    }
    if (last == "Sigmoid") {
      return ScoreActivation::kSigmoid;
    }
    if (last == "Softmax") {
      return ScoreActivation::kSoftmax;
    }
  }
  return Unsupported(
      Format("{}: score activation \"{}\" is not one of torch.nn's Identity, Sigmoid, Softmax",
             where, class_name));
}

std::string_view ScoreActivationName(ScoreActivation activation) {
  switch (activation) {
    case ScoreActivation::kIdentity: return "identity";
    case ScoreActivation::kSigmoid: return "sigmoid";
    case ScoreActivation::kSoftmax: return "softmax";
  }
  return "unknown";
}

}  // namespace podium::nn
