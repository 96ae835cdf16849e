#include "nn/models/module_chain.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "io/json.h"

namespace podium::nn {
namespace {

using io::Json;
using io::JsonGet;
using io::JsonGetOr;

constexpr int64_t kMaxWidth = 1 << 18;

Result<size_t> ReadWidth(const Json& config, std::string_view key, const std::string& where) {
  PODIUM_ASSIGN_OR_RETURN(const int64_t value, JsonGet<int64_t>(config, key, where));
  if (value < 1 || value > kMaxWidth) {
    return InvalidArgument(Format("{}: {} is {}, expected 1 to {}", where, key, value, kMaxWidth));
  }
  return static_cast<size_t>(value);
}

Result<Pooling> NamedPooling(const Json& name, const std::string& where) {
  const auto pooling =
      name.is_string() ? PoolingFromName(name.get<std::string>()) : std::optional<Pooling>();
  if (!pooling || *pooling == Pooling::kPooler) {
    return Unsupported(
        Format("{}: pooling_mode {} is not one of cls, max, mean, "
               "mean_sqrt_len_tokens, weightedmean, lasttoken",
               where, io::DumpJson(name)));
  }
  return *pooling;
}

// Version 5 writes pooling_mode, a name or an array of names; before it there was one switch per
// mode, concatenated in the order below.
Result<std::vector<Pooling>> ReadPooling(const Json& config, const std::string& where) {
  std::vector<Pooling> modes;
  const auto named = config.find("pooling_mode");
  if (named != config.end() && !named->is_null()) {
    for (const Json& name : named->is_array() ? *named : Json::array({*named})) {
      PODIUM_ASSIGN_OR_RETURN(const Pooling pooling, NamedPooling(name, where));
      modes.push_back(pooling);
    }
  } else {
    static constexpr std::array<std::pair<std::string_view, Pooling>, 6> kSwitches = {
        {{"pooling_mode_cls_token", Pooling::kCls},
         {"pooling_mode_max_tokens", Pooling::kMax},
         {"pooling_mode_mean_tokens", Pooling::kMean},
         {"pooling_mode_mean_sqrt_len_tokens", Pooling::kMeanSqrtLen},
         {"pooling_mode_weightedmean_tokens", Pooling::kWeightedMean},
         {"pooling_mode_lasttoken", Pooling::kLast}}};
    for (const auto& [key, pooling] : kSwitches) {
      PODIUM_ASSIGN_OR_RETURN(const bool on, JsonGetOr<bool>(config, key, false, where));
      if (on) {
        modes.push_back(pooling);
      }
    }
  }
  if (modes.empty()) {
    modes.push_back(Pooling::kMean);
  }
  return modes;
}

Result<ModuleStep> ReadDense(const Json& config, const std::string& where) {
  ModuleStep step = {.kind = ModuleKind::kDense};
  PODIUM_ASSIGN_OR_RETURN(step.inputs, ReadWidth(config, "in_features", where));
  PODIUM_ASSIGN_OR_RETURN(step.outputs, ReadWidth(config, "out_features", where));
  PODIUM_ASSIGN_OR_RETURN(step.bias, JsonGetOr<bool>(config, "bias", true, where));
  PODIUM_ASSIGN_OR_RETURN(
      const std::string activation,
      JsonGetOr<std::string>(config, "activation_function", "torch.nn.Tanh", where));
  PODIUM_ASSIGN_OR_RETURN(step.activation,
                          ActivationFromTorch(activation, where + ": activation_function"));
  PODIUM_ASSIGN_OR_RETURN(const bool residual,
                          JsonGetOr<bool>(config, "use_residual", false, where));
  PODIUM_ASSIGN_OR_RETURN(
      const std::string input,
      JsonGetOr<std::string>(config, "module_input_name", "sentence_embedding", where));
  if (residual || input != "sentence_embedding") {
    return Unsupported(
        Format("{}: a Dense module with {} is not supported", where,
               residual ? std::string("use_residual") : Format("input \"{}\"", input)));
  }
  return step;
}

Status AddModule(const std::filesystem::path& dir, const std::string& type,
                 const std::string& folder, ModuleChain& chain) {
  const std::string kind = type.substr(type.rfind('.') + 1);
  if (kind == "Transformer" || kind == "Dropout") {
    return Status::Ok();  // the encoder itself; nothing at inference
  }
  if (kind == "Normalize") {
    chain.steps.push_back({.kind = ModuleKind::kNormalize});
    return Status::Ok();
  }
  if (kind != "Pooling" && kind != "Dense" && kind != "LayerNorm") {
    return Unsupported(
        Format("{}: module \"{}\" is not one of Transformer, Pooling, Dense, "
               "LayerNorm, Normalize, Dropout",
               (dir / "modules.json").string(), type));
  }
  const std::filesystem::path path = dir / folder / "config.json";
  const std::string where = path.string();
  PODIUM_ASSIGN_OR_RETURN(const Json config, io::ReadJsonFile(path));
  if (!config.is_object()) {
    return InvalidArgument(
        Format("{}: expected an object, found {}", where, io::JsonTypeName(config)));
  }
  if (kind == "Pooling") {
    PODIUM_ASSIGN_OR_RETURN(chain.pooling, ReadPooling(config, where));
    return Status::Ok();
  }
  ModuleStep step;
  if (kind == "Dense") {
    PODIUM_ASSIGN_OR_RETURN(step, ReadDense(config, where));
  } else {
    step.kind = ModuleKind::kLayerNorm;
    PODIUM_ASSIGN_OR_RETURN(step.inputs, ReadWidth(config, "dimension", where));
  }
  step.folder = folder;
  chain.steps.push_back(std::move(step));
  return Status::Ok();
}

// A folder of the model, not a way out of it.
bool StaysInside(const std::filesystem::path& folder) {
  if (folder.is_absolute()) {
    return false;
  }
  for (const std::filesystem::path& part : folder) {
    if (part == "..") {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<ModuleChain> ReadModuleChain(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "modules.json";
  Result<Json> modules = io::ReadJsonFile(path);
  if (!modules.ok()) {
    if (modules.status().code() == StatusCode::kNotFound) {
      return ModuleChain();
    }
    return modules.status();
  }
  const std::string where = path.string();
  if (!modules->is_array()) {
    return InvalidArgument(
        Format("{}: expected an array, found {}", where, io::JsonTypeName(*modules)));
  }
  ModuleChain chain;
  chain.source = where;
  for (const Json& module : *modules) {
    PODIUM_ASSIGN_OR_RETURN(const std::string type, JsonGet<std::string>(module, "type", where));
    PODIUM_ASSIGN_OR_RETURN(const std::string folder,
                            JsonGetOr<std::string>(module, "path", "", where));
    if (!StaysInside(folder)) {
      return InvalidArgument(
          Format("{}: module path \"{}\" leaves the model directory", where, folder));
    }
    PODIUM_RETURN_IF_ERROR(AddModule(dir, type, folder, chain));
  }
  return chain;
}

}  // namespace podium::nn
