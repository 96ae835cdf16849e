// Writes weights in the safetensors format (io/safetensors.h shows it).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "podium/status.h"

namespace podium::nn {

// A tensor to be written as F32. `fill` is called once, in file order, for all of its values.
struct TensorSource {
  std::string name;
  std::vector<size_t> shape;
  std::function<void(std::span<float> values)> fill;
};

// Writes all tensors to `path`, replacing it atomically. Memory: the largest tensor.
Status WriteSafeTensors(const std::filesystem::path& path, std::span<const TensorSource> tensors);

}  // namespace podium::nn
