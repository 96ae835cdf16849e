// What sentence-transformers runs after the encoder: modules.json and the config.json of each
// module folder, checked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "podium/status.h"

#include "nn/layers/pooling.h"
#include "nn/ops/activation.h"

namespace podium::nn {

enum class ModuleKind : uint8_t { kDense, kLayerNorm, kNormalize };

// One step on the pooled vector.
struct ModuleStep {
  ModuleKind kind = ModuleKind::kNormalize;
  std::string folder{};                       // of its weights, below the model directory
  size_t inputs = 0;                          // kDense, kLayerNorm
  size_t outputs = 0;                         // kDense
  bool bias = true;                           // kDense
  Activation activation = Activation::kNone;  // kDense
};

struct ModuleChain {
  std::vector<Pooling> pooling = {Pooling::kMean};  // several: their vectors end to end
  std::vector<ModuleStep> steps;
  std::string source = "default";  // the file that said so
};

// Reads `dir`/modules.json; without that file the chain is sentence-transformers' default for a
// bare encoder: the mean. Unsupported: a module or an option that Podium does not run.
Result<ModuleChain> ReadModuleChain(const std::filesystem::path& dir);

}  // namespace podium::nn
