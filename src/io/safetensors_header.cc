#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "io/json.h"
#include "io/safetensors.h"

namespace podium::io {
namespace {

static_assert(std::endian::native == std::endian::little, "weights are mapped as they are");

// The reference implementation's own limit (MAX_HEADER_SIZE in safetensors/src/tensor.rs).
constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr size_t kLengthBytes = 8;
constexpr std::string_view kMetadataKey = "__metadata__";

struct DTypeEntry {
  std::string_view name;
  DType dtype;
  size_t bytes;
};

constexpr std::array<DTypeEntry, 15> kDTypes = {{
    {"BOOL", DType::kBool, 1},
    {"U8", DType::kU8, 1},
    {"I8", DType::kI8, 1},
    {"F8_E4M3", DType::kF8E4M3, 1},
    {"F8_E5M2", DType::kF8E5M2, 1},
    {"U16", DType::kU16, 2},
    {"I16", DType::kI16, 2},
    {"F16", DType::kF16, 2},
    {"BF16", DType::kBF16, 2},
    {"U32", DType::kU32, 4},
    {"I32", DType::kI32, 4},
    {"F32", DType::kF32, 4},
    {"U64", DType::kU64, 8},
    {"I64", DType::kI64, 8},
    {"F64", DType::kF64, 8},
}};

// Receives the header's JSON piece by piece. It knows the few shapes that the format allows and
// refuses everything else at once, so memory stays in proportion to the tensors, and a name that
// comes twice is seen (a parsed object would keep only one).
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  HeaderReader(std::string_view file, SafeTensorsHeader& header) : file_(file), header_(header) {}

  const Status& status() const { return status_; }

  bool null() override { return Refuse("null"); }
  bool boolean(bool value) override { return Refuse(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Refuse(Format("{}", value)); }
  bool number_float(number_float_t, const string_t& text) override { return Refuse(text); }
  bool binary(binary_t&) override { return Refuse("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (state_ == State::kShapeItems) {
      tensor_.shape.push_back(value);
      return true;
    }
    if (state_ == State::kOffsetItems && offsets_ < 2) {
      (offsets_ == 0 ? tensor_.begin : tensor_.end) = value;
      ++offsets_;
      return true;
    }
    return Refuse(Format("{}", value));
  }

  bool string(string_t& value) override {
    if (state_ == State::kMetadataValue) {
      header_.metadata.emplace_back(key_, value);
      state_ = State::kMetadata;
      return true;
    }
    if (state_ != State::kDType) {
      return Refuse(Format("\"{}\"", value));
    }
    const auto* const found = std::find_if(kDTypes.begin(), kDTypes.end(),
                                           [&](const DTypeEntry& e) { return e.name == value; });
    if (found == kDTypes.end()) {
      status_ = Unsupported(
          Format("{}: tensor \"{}\": unknown dtype \"{}\"", file_, tensor_.name, value));
      return false;
    }
    tensor_.dtype = found->dtype;
    state_ = State::kTensor;
    return true;
  }

  bool start_object(size_t) override {
    switch (state_) {
      case State::kStart: state_ = State::kTop; return true;
      case State::kTopValue:
        state_ = key_ == kMetadataKey ? State::kMetadata : State::kTensor;
        tensor_ = {};
        tensor_.name = key_;
        offsets_ = 0;
        seen_ = 0;
        return true;
      default: return Refuse("an object");
    }
  }

  bool key(string_t& value) override {
    key_ = value;
    switch (state_) {
      case State::kTop: state_ = State::kTopValue; return true;
      case State::kMetadata: state_ = State::kMetadataValue; return true;
      default: return TensorField(value);
    }
  }

  bool start_array(size_t) override {
    switch (state_) {
      case State::kShape: state_ = State::kShapeItems; return true;
      case State::kOffsets: state_ = State::kOffsetItems; return true;
      default: return Refuse("an array");
    }
  }

  bool end_array() override {
    if (state_ == State::kOffsetItems && offsets_ != 2) {
      return Refuse(Format("{} of them", offsets_));
    }
    state_ = State::kTensor;
    return true;
  }

  bool end_object() override {
    switch (state_) {
      case State::kTop: state_ = State::kDone; return true;
      case State::kMetadata: state_ = State::kTop; return true;
      default: return EndTensor();
    }
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    const std::string_view reason = error.what();
    // The library counts from 1, and heads its text with
    // "[json.exception…] parse error at line L, column C: reason"
    const size_t colon = reason.find(": ");
    status_ = DataCorruption(
        Format("{}: header, byte {}: {}", file_, kLengthBytes + std::max<size_t>(position, 1) - 1,
               colon == std::string_view::npos ? reason : reason.substr(colon + 2)));
    return false;
  }

 private:
  // What comes next.
  enum class State : uint8_t {
    kStart,
    kTop,            // a tensor's name, "__metadata__" or the end
    kTopValue,       // the object after it
    kMetadata,       // a key or the end
    kMetadataValue,  // a string
    kTensor,         // one of the three fields or the end
    kDType,
    kShape,
    kShapeItems,
    kOffsets,
    kOffsetItems,
    kDone,
  };

  std::string_view Wanted() const {
    switch (state_) {
      case State::kStart:
      case State::kTopValue: return "an object";
      case State::kMetadataValue: return "a string";
      case State::kDType: return "dtype as a string";
      case State::kShape: return "shape as an array";
      case State::kShapeItems: return "a dimension (an integer from 0)";
      case State::kOffsets: return "data_offsets as an array";
      case State::kOffsetItems: return "two data_offsets (integers from 0)";
      default: return "the end";
    }
  }

  bool Refuse(std::string_view found) {
    std::string where(file_);
    if (state_ == State::kMetadataValue) {
      where += Format(": metadata \"{}\"", key_);
    } else if (state_ == State::kTopValue) {
      where += Format(": tensor \"{}\"", key_);
    } else if (state_ != State::kStart) {
      where += Format(": tensor \"{}\"", tensor_.name);
    } else {
      where += ": header";
    }
    status_ = DataCorruption(Format("{}: expected {}, found {}", where, Wanted(), found));
    return false;
  }

  bool TensorField(std::string_view field) {
    unsigned bit = 0;
    if (field == "dtype") {
      state_ = State::kDType;
      bit = 1;
    } else if (field == "shape") {
      state_ = State::kShape;
      bit = 2;
    } else if (field == "data_offsets") {
      state_ = State::kOffsets;
      bit = 4;
    }
    if (bit == 0 || (seen_ & bit) != 0) {
      status_ = DataCorruption(Format("{}: tensor \"{}\": {} field \"{}\"", file_, tensor_.name,
                                      bit == 0 ? "unknown" : "repeated", field));
      return false;
    }
    seen_ |= bit;
    return true;
  }

  bool EndTensor() {
    if (seen_ != 7) {
      const std::string_view missing = (seen_ & 1) == 0   ? "dtype"
                                       : (seen_ & 2) == 0 ? "shape"
                                                          : "data_offsets";
      status_ =
          DataCorruption(Format("{}: tensor \"{}\": {} is missing", file_, tensor_.name, missing));
      return false;
    }
    header_.tensors.push_back(std::move(tensor_));
    state_ = State::kTop;
    return true;
  }

  std::string_view file_;
  SafeTensorsHeader& header_;
  State state_ = State::kStart;
  std::string key_;
  TensorInfo tensor_;
  unsigned offsets_ = 0;  // of data_offsets, how many were read
  unsigned seen_ = 0;     // fields of the tensor: 1 dtype, 2 shape, 4 data_offsets
  Status status_;
};

// Bytes that the shape and dtype ask for; nothing if that is more than 64 bits hold.
std::optional<uint64_t> WantedBytes(const TensorInfo& tensor) {
  uint64_t bytes = DTypeBytes(tensor.dtype);
  for (const size_t dimension : tensor.shape) {
    if (__builtin_mul_overflow(bytes, uint64_t{dimension}, &bytes)) {
      return std::nullopt;
    }
  }
  return bytes;
}

// Each tensor's length against its shape, then all of them against the data: they must tile it.
Status CheckOffsets(std::vector<TensorInfo>& tensors, uint64_t data_bytes, std::string_view file) {
  for (const TensorInfo& tensor : tensors) {
    const auto fail = [&](const std::string& what) {
      return DataCorruption(Format("{}: tensor \"{}\": {}", file, tensor.name, what));
    };
    if (tensor.begin > tensor.end || tensor.end > data_bytes) {
      return fail(Format("data_offsets [{}, {}] do not lie within the {} bytes of data",
                         tensor.begin, tensor.end, data_bytes));
    }
    const std::optional<uint64_t> wanted = WantedBytes(tensor);
    if (!wanted.has_value() || *wanted != tensor.end - tensor.begin) {
      return fail(Format("{} {} takes {} bytes, found {}", DTypeName(tensor.dtype),
                         ShapeText(tensor.shape),
                         wanted.has_value() ? Format("{}", *wanted) : "more than 2^64",
                         tensor.end - tensor.begin));
    }
  }
  std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t end = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin != end) {
      return DataCorruption(
          Format("{}: tensor \"{}\": {}: its data begins at {}, the data before it "
                 "ends at {}",
                 file, tensor.name, tensor.begin < end ? "overlap" : "gap", tensor.begin, end));
    }
    end = tensor.end;
  }
  if (end != data_bytes) {
    return DataCorruption(
        Format("{}: tensors end at byte {} of the data, which has {}", file, end, data_bytes));
  }
  return Status::Ok();
}

}  // namespace

std::string_view DTypeName(DType dtype) {
  for (const DTypeEntry& entry : kDTypes) {
    if (entry.dtype == dtype) {
      return entry.name;
    }
  }
  return "?";
}

size_t DTypeBytes(DType dtype) {
  for (const DTypeEntry& entry : kDTypes) {
    if (entry.dtype == dtype) {
      return entry.bytes;
    }
  }
  return 1;
}

std::string ShapeText(std::span<const size_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += Format("{}{}", i == 0 ? "" : ", ", shape[i]);
  }
  return text + "]";
}

Result<SafeTensorsHeader> ParseSafeTensorsHeader(std::string_view bytes, uint64_t file_size,
                                                 std::string_view name) {
  if (file_size < kLengthBytes || bytes.size() < kLengthBytes) {
    return DataCorruption(
        Format("{}: a safetensors file begins with 8 bytes of header length, the "
               "file has {}",
               name, file_size));
  }
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeaderBytes) {
    return DataCorruption(Format("{}: header length {} exceeds the format's limit of {}", name,
                                 length, kMaxHeaderBytes));
  }
  if (length > file_size - kLengthBytes || length > bytes.size() - kLengthBytes) {
    return DataCorruption(Format("{}: header length {} exceeds the {} bytes that follow it", name,
                                 length, file_size - kLengthBytes));
  }
  const std::string_view json = bytes.substr(kLengthBytes, static_cast<size_t>(length));
  SafeTensorsHeader header;
  HeaderReader reader(name, header);
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) {
    return reader.status();
  }
  PODIUM_RETURN_IF_ERROR(CheckOffsets(header.tensors, file_size - kLengthBytes - length, name));
  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(header.tensors.begin(), header.tensors.end(),
                         [](const TensorInfo& a, const TensorInfo& b) { return a.name == b.name; });
  if (twice != header.tensors.end()) {
    return DataCorruption(Format("{}: tensor \"{}\" appears twice", name, twice->name));
  }
  for (TensorInfo& tensor : header.tensors) {
    tensor.begin += kLengthBytes + length;
    tensor.end += kLengthBytes + length;
  }
  return header;
}

}  // namespace podium::io
