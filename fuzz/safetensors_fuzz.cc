// Any bytes given as a safetensors file are either refused or describe tensors that tile the file's
// data, each as long as its shape and type say.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "io/safetensors.h"

namespace {

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto header = podium::io::ParseSafeTensorsHeader(file, size, "input");
  if (!header.ok()) {
    Require(!header.status().message().empty());
    return 0;
  }
  size_t bytes = 0;
  size_t first = size;
  std::string_view previous;
  for (const podium::io::TensorInfo& tensor : header->tensors) {
    Require(tensor.begin <= tensor.end && tensor.end <= size);
    size_t wanted = podium::io::DTypeBytes(tensor.dtype);
    for (const size_t dimension : tensor.shape) {
      wanted *= dimension;
    }
    Require(wanted == tensor.end - tensor.begin);
    Require(&tensor == header->tensors.data() || previous < tensor.name);
    previous = tensor.name;
    bytes += wanted;
    first = tensor.begin < first ? tensor.begin : first;
  }
  Require(header->tensors.empty() || first + bytes == size);
  return 0;
}
