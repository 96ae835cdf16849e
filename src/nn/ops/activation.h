// The pointwise functions between linear layers, by the names that checkpoints use.
#pragma once

#include <string_view>

#include "podium/status.h"

#include "kernels/kernel_table.h"

namespace podium::nn {

using Activation = kernels::Activation;

// The value of `hidden_act` in a config.json. Unsupported, headed by `where`, for other names.
Result<Activation> ActivationFromConfig(std::string_view name, std::string_view where);

// A PyTorch class as sentence-transformers writes it: "torch.nn.modules.activation.Tanh".
// Unsupported, headed by `where`, for other classes.
Result<Activation> ActivationFromTorch(std::string_view class_name, std::string_view where);

// "gelu (erf)", … for people.
std::string_view ActivationName(Activation activation);

}  // namespace podium::nn
