#include "nn/ops/activation.h"

#include <array>
#include <utility>

#include "base/format.h"

namespace podium::nn {

Result<Activation> ActivationFromConfig(std::string_view name, std::string_view where) {
  static constexpr std::array<std::pair<std::string_view, Activation>, 7> kNames = {
      {{"gelu", Activation::kGeluErf},
       {"gelu_new", Activation::kGeluTanh},
       {"gelu_pytorch_tanh", Activation::kGeluTanh},
       {"gelu_fast", Activation::kGeluTanh},
       {"relu", Activation::kRelu},
       {"silu", Activation::kSilu},
       {"swish", Activation::kSilu}}};
  for (const auto& [known, activation] : kNames) {
    if (known == name) {
      return activation;
    }
  }
  return Unsupported(
      Format("{}: activation \"{}\" is not one of gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, "
             "relu, silu, swish",
             where, name));
}

Result<Activation> ActivationFromTorch(std::string_view class_name, std::string_view where) {
  static constexpr std::array<std::pair<std::string_view, Activation>, 5> kNames = {
      {{"Identity", Activation::kNone},
       {"Tanh", Activation::kTanh},
       {"ReLU", Activation::kRelu},
       {"GELU", Activation::kGeluErf},
       {"SiLU", Activation::kSilu}}};
  if (class_name.starts_with("torch.nn.")) {
    const std::string_view last = class_name.substr(class_name.rfind('.') + 1);
    for (const auto& [known, activation] : kNames) {
      if (known == last) {
        return activation;
      }
    }
  }
  return Unsupported(
      Format("{}: activation \"{}\" is not one of torch.nn's Identity, Tanh, ReLU, GELU, SiLU",
             where, class_name));
}

std::string_view ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kNone: return "none";
    case Activation::kGeluErf: return "gelu (erf)";
    case Activation::kGeluTanh: return "gelu (tanh)";
    case Activation::kRelu: return "relu";
    case Activation::kSilu: return "silu";
    case Activation::kTanh: return "tanh";
  }
  return "unknown";
}

}  // namespace podium::nn
