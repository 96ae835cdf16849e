#include "nn/weights/safetensors_writer.h"

#include <bit>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>

#include "io/file.h"
#include "io/json.h"

namespace podium::nn {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

size_t Count(const TensorSource& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), size_t{1}, std::multiplies<>());
}

template <typename T>
std::string_view Bytes(const T* data, size_t count) {
  return {reinterpret_cast<const char*>(data), count * sizeof(T)};
}

}  // namespace

Status WriteSafeTensors(const std::filesystem::path& path, std::span<const TensorSource> tensors) {
  io::Json header;
  header["__metadata__"] = {{"format", "pt"}};
  size_t at = 0;
  for (const TensorSource& tensor : tensors) {
    const size_t end = at + Count(tensor) * sizeof(float);
    io::Json& entry = header[tensor.name];
    entry["dtype"] = "F32";
    entry["shape"] = tensor.shape;
    entry["data_offsets"] = {at, end};
    at = end;
  }
  std::string text = io::DumpJson(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // aligns the data
  const uint64_t length = text.size();
  PODIUM_ASSIGN_OR_RETURN(io::AtomicFile file, io::AtomicFile::Create(path));
  PODIUM_RETURN_IF_ERROR(file.Append(Bytes(&length, 1)));
  PODIUM_RETURN_IF_ERROR(file.Append(text));
  std::vector<float> values;
  for (const TensorSource& tensor : tensors) {
    values.resize(Count(tensor));
    tensor.fill(values);
    PODIUM_RETURN_IF_ERROR(file.Append(Bytes(values.data(), values.size())));
  }
  return file.Commit();
}

}  // namespace podium::nn
