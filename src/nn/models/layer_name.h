#pragma once

#include <cstddef>
#include <string>

namespace podium::nn {

// The checkpoint name of a layer's tensor: "encoder.layer.{}.output" and 3 give
// "*encoder.layer.3.output". REQUIRES: the pattern has one "{}".
inline std::string LayerName(const std::string& pattern, size_t layer) {
  std::string name = "*" + pattern;
  return name.replace(name.find("{}"), 2, std::to_string(layer));
}

}  // namespace podium::nn
