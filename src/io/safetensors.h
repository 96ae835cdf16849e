// Weight files in the safetensors format, mapped and checked before anything reads them:
//
//   8 bytes   n, the length of the header, little-endian
//   n bytes   JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …,
//                    "__metadata__": {"format": "pt"}}
//   the rest  tensor data; offsets count from here; tensors tile it without gap or overlap
//
// Every message names the file and the tensor, what was expected and what was found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/file.h"

namespace podium::io {

// Element types of the format.
enum class DType : uint8_t {
  kBool,
  kU8,
  kI8,
  kF8E4M3,
  kF8E5M2,
  kU16,
  kI16,
  kF16,
  kBF16,
  kU32,
  kI32,
  kF32,
  kU64,
  kI64,
  kF64,
};

// "F32", "BF16", …: the format's own spelling.
std::string_view DTypeName(DType dtype);

// Bytes of one element.
size_t DTypeBytes(DType dtype);

// One tensor of a header. [begin, end) are byte offsets from the start of the file.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<size_t> shape;  // empty: a scalar
  size_t begin = 0;
  size_t end = 0;
};

struct SafeTensorsHeader {
  std::vector<TensorInfo> tensors;  // by name, ascending
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Reads and checks the header at the start of `bytes`, the beginning of a file of `file_size`
// bytes. `name` (the path) heads every error. REQUIRES: bytes holds the whole file, or at least
// its header.
Result<SafeTensorsHeader> ParseSafeTensorsHeader(std::string_view bytes, uint64_t file_size,
                                                 std::string_view name);

// A tensor to look at. The strings and bytes belong to the ModelWeights or SafeTensors that gave
// it out and live as long as that does. The bytes need not be aligned.
struct TensorView {
  std::string_view file;
  std::string_view name;
  DType dtype = DType::kF32;
  std::span<const size_t> shape;
  std::string_view bytes;

  size_t count() const { return bytes.size() / DTypeBytes(dtype); }
};

// "[2, 3]"
std::string ShapeText(std::span<const size_t> shape);

// One mapped file. Immutable, so safe to read from many threads; move-only.
class SafeTensors {
 public:
  static Result<SafeTensors> Open(const std::filesystem::path& path);

  // All names, ascending; they live as long as this object.
  std::vector<std::string_view> names() const;
  const SafeTensorsHeader& header() const { return contents_->header; }

  // NotFound names the file and the tensor.
  Result<TensorView> Find(std::string_view name) const;
  bool Has(std::string_view name) const;

 private:
  // On the heap, so that views survive a move.
  struct Contents {
    std::string path;
    MappedFile file;
    SafeTensorsHeader header;
  };
  explicit SafeTensors(std::unique_ptr<const Contents> contents) : contents_(std::move(contents)) {}

  std::unique_ptr<const Contents> contents_;
};

// The weights of a model directory: model.safetensors, or the shards that
// model.safetensors.index.json names. Immutable, so safe to read from many threads; move-only.
class ModelWeights {
 public:
  // NotFound if the directory has neither; DataCorruption if the index names a shard that is not
  // there or not inside the directory, or a tensor that its shard lacks, or two shards hold one
  // name.
  static Result<ModelWeights> Open(const std::filesystem::path& directory);

  // All names, ascending; they live as long as this object.
  std::vector<std::string_view> names() const;

  // NotFound names the directory and the tensor.
  Result<TensorView> Find(std::string_view name) const;
  bool Has(std::string_view name) const;

 private:
  struct Place {
    std::string_view name;
    size_t shard;
  };
  const Place* Locate(std::string_view name) const;

  std::string directory_;
  std::vector<SafeTensors> shards_;
  std::vector<Place> places_;  // by name
};

// What ReadF32 does with an infinity or NaN.
enum class NonFinite : uint8_t { kAllow, kRefuse };

// The elements of an F32, F16 or BF16 tensor as floats, in row-major order. Unsupported for another
// dtype; with kRefuse, DataCorruption that gives the position of the first infinity or NaN.
Result<std::vector<float>> ReadF32(const TensorView& tensor,
                                   NonFinite non_finite = NonFinite::kRefuse);

// The same into memory of the caller's. InvalidArgument unless out.size() == tensor.count().
Status ReadF32Into(const TensorView& tensor, std::span<float> out,
                   NonFinite non_finite = NonFinite::kRefuse);

}  // namespace podium::io
