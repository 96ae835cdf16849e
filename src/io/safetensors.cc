#include "io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>

#include "io/half.h"
#include "io/json.h"

namespace podium::io {
namespace {

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

// Tensor name -> shard file name.
Result<std::map<std::string, std::string>> ReadIndex(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const Json index, ReadJsonFile(path));
  const std::string file = path.string();
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
    return DataCorruption(Format("{}: expected an object \"weight_map\"", file));
  }
  std::map<std::string, std::string> shards;
  for (const auto& [tensor, value] : index["weight_map"].items()) {
    if (!value.is_string()) {
      return DataCorruption(Format("{}: tensor \"{}\": expected a file name, found {}", file,
                                   tensor, JsonTypeName(value)));
    }
    const std::string shard = value.get<std::string>();
    // A name, not a path: an index must not reach outside its directory.
    if (shard.empty() || shard == "." || shard == ".." ||
        shard.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
      return DataCorruption(
          Format("{}: tensor \"{}\": \"{}\" is not a plain file name", file, tensor, shard));
    }
    shards.emplace(tensor, shard);
  }
  if (shards.empty()) {
    return DataCorruption(Format("{}: \"weight_map\" is empty", file));
  }
  return shards;
}

// One loop per format, so that the compiler vectorises each: a model has up to 10^9 values.
void Widen(DType dtype, const char* bytes, std::span<float> out) {
  if (dtype == DType::kF32) {
    if (!out.empty()) {
      std::memcpy(out.data(), bytes, out.size_bytes());
    }
    return;
  }
  const auto half = [bytes](size_t i) {
    uint16_t bits = 0;
    std::memcpy(&bits, bytes + 2 * i, sizeof bits);
    return bits;
  };
  if (dtype == DType::kF16) {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = HalfToFloat(half(i));
    }
  } else {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = Bfloat16ToFloat(half(i));
    }
  }
}

bool AllFinite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7F800000;  // all ones: infinity or NaN
  bool all = true;
  for (const float value : values) {
    all &= (std::bit_cast<uint32_t>(value) & kExponent) != kExponent;
  }
  return all;
}

// "[2, 5]": where element `index` of a row-major tensor is.
std::string PositionText(std::span<const size_t> shape, size_t index) {
  std::vector<size_t> position(shape.size());
  for (size_t i = shape.size(); i-- > 0;) {
    position[i] = index % shape[i];
    index /= shape[i];
  }
  return ShapeText(position);
}

bool Exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

Result<SafeTensors> SafeTensors::Open(const std::filesystem::path& path) {
  auto contents = std::make_unique<Contents>();
  contents->path = path.string();
  PODIUM_ASSIGN_OR_RETURN(contents->file, MappedFile::Open(path));
  const std::string_view bytes = contents->file.bytes();
  PODIUM_ASSIGN_OR_RETURN(contents->header,
                          ParseSafeTensorsHeader(bytes, bytes.size(), contents->path));
  return SafeTensors(std::move(contents));
}

std::vector<std::string_view> SafeTensors::names() const {
  std::vector<std::string_view> names;
  names.reserve(contents_->header.tensors.size());
  for (const TensorInfo& tensor : contents_->header.tensors) {
    names.emplace_back(tensor.name);
  }
  return names;
}

Result<TensorView> SafeTensors::Find(std::string_view name) const {
  const auto& tensors = contents_->header.tensors;
  const auto found =
      std::lower_bound(tensors.begin(), tensors.end(), name,
                       [](const TensorInfo& t, std::string_view n) { return t.name < n; });
  if (found == tensors.end() || found->name != name) {
    return NotFound(Format("{}: no tensor \"{}\"", contents_->path, name));
  }
  return TensorView{contents_->path, found->name, found->dtype, found->shape,
                    contents_->file.bytes().substr(found->begin, found->end - found->begin)};
}

bool SafeTensors::Has(std::string_view name) const {
  return Find(name).ok();
}

Result<ModelWeights> ModelWeights::Open(const std::filesystem::path& directory) {
  ModelWeights weights;
  weights.directory_ = directory.string();
  std::map<std::string, std::string> index;
  std::map<std::string, size_t> shard_numbers;
  if (Exists(directory / kSingleFile)) {
    shard_numbers.emplace(kSingleFile, 0);
  } else if (Exists(directory / kIndexFile)) {
    PODIUM_ASSIGN_OR_RETURN(index, ReadIndex(directory / kIndexFile));
    for (const auto& [tensor, shard] : index) {
      shard_numbers.emplace(shard, 0);
    }
  } else {
    return NotFound(Format("{}: neither {} nor {} is there{}", weights.directory_, kSingleFile,
                           kIndexFile,
                           Exists(directory / "pytorch_model.bin")
                               ? "; pytorch_model.bin is, but pickled weights are not read: "
                                 "convert them to safetensors"
                               : ""));
  }
  for (auto& [shard, number] : shard_numbers) {
    Result<SafeTensors> file = SafeTensors::Open(directory / shard);
    if (!file.ok() && file.status().code() == StatusCode::kNotFound) {
      return DataCorruption(Format("{}: names the file \"{}\", which is not there",
                                   (directory / kIndexFile).string(), shard));
    }
    PODIUM_ASSIGN_OR_RETURN(SafeTensors opened, std::move(file));
    number = weights.shards_.size();
    for (const std::string_view name : opened.names()) {
      weights.places_.push_back({name, number});
    }
    weights.shards_.push_back(std::move(opened));
  }
  std::sort(weights.places_.begin(), weights.places_.end(), [](const Place& a, const Place& b) {
    return std::pair(a.name, a.shard) < std::pair(b.name, b.shard);
  });
  for (size_t i = 1; i < weights.places_.size(); ++i) {
    if (weights.places_[i].name == weights.places_[i - 1].name) {
      return DataCorruption(Format("{}: tensor \"{}\" is in two shards", weights.directory_,
                                   weights.places_[i].name));
    }
  }
  for (const auto& [tensor, shard] : index) {
    const Place* place = weights.Locate(tensor);
    if (place == nullptr || place->shard != shard_numbers[shard]) {
      return DataCorruption(Format("{}: tensor \"{}\" should be in \"{}\", which lacks it",
                                   (directory / kIndexFile).string(), tensor, shard));
    }
  }
  return weights;
}

std::vector<std::string_view> ModelWeights::names() const {
  std::vector<std::string_view> names;
  names.reserve(places_.size());
  for (const Place& place : places_) {
    names.push_back(place.name);
  }
  return names;
}

const ModelWeights::Place* ModelWeights::Locate(std::string_view name) const {
  const auto found =
      std::lower_bound(places_.begin(), places_.end(), name,
                       [](const Place& p, std::string_view n) { return p.name < n; });
  return found == places_.end() || found->name != name ? nullptr : &*found;
}

Result<TensorView> ModelWeights::Find(std::string_view name) const {
  const Place* place = Locate(name);
  if (place == nullptr) {
    return NotFound(Format("{}: no tensor \"{}\" in its weights", directory_, name));
  }
  return shards_[place->shard].Find(name);
}

bool ModelWeights::Has(std::string_view name) const {
  return Locate(name) != nullptr;
}

Status ReadF32Into(const TensorView& tensor, std::span<float> out, NonFinite non_finite) {
  if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBF16) {
    return Unsupported(Format("{}: tensor \"{}\": expected F32, F16 or BF16, found {}", tensor.file,
                              tensor.name, DTypeName(tensor.dtype)));
  }
  if (out.size() != tensor.count()) {
    return InvalidArgument(Format("{}: tensor \"{}\" has {} values, asked for {}", tensor.file,
                                  tensor.name, tensor.count(), out.size()));
  }
  Widen(tensor.dtype, tensor.bytes.data(), out);
  if (non_finite == NonFinite::kRefuse && !AllFinite(out)) {
    const auto bad =
        std::find_if(out.begin(), out.end(), [](float x) { return !std::isfinite(x); });
    return DataCorruption(Format("{}: tensor \"{}\": element {} is {}", tensor.file, tensor.name,
                                 PositionText(tensor.shape, static_cast<size_t>(bad - out.begin())),
                                 *bad));
  }
  return Status::Ok();
}

Result<std::vector<float>> ReadF32(const TensorView& tensor, NonFinite non_finite) {
  std::vector<float> values(tensor.count());
  PODIUM_RETURN_IF_ERROR(ReadF32Into(tensor, values, non_finite));
  return values;
}

}  // namespace podium::io
