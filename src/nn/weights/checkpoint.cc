#include "nn/weights/checkpoint.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace podium::nn {
namespace {

// Values checked at a time: a chunk that stays in the L1 cache.
constexpr size_t kCheckChunk = 4096;

// Refuses infinities and NaN without keeping a copy of the tensor.
Status CheckFinite(const io::TensorView& tensor) {
  std::array<float, kCheckChunk> chunk = {};
  const size_t bytes = kCheckChunk * io::DTypeBytes(tensor.dtype);
  for (size_t at = 0; at < tensor.bytes.size(); at += bytes) {
    io::TensorView part = tensor;
    part.bytes = tensor.bytes.substr(at, bytes);
    const std::span<float> values = std::span(chunk).first(part.count());
    if (!io::ReadF32Into(part, values).ok()) {
      // Read the whole tensor for a message with the right position.
      return io::ReadF32(tensor).status();
    }
  }
  return Status::Ok();
}

}  // namespace

Result<Checkpoint> Checkpoint::Open(const std::filesystem::path& dir, std::string_view prefix,
                                    std::string_view probe) {
  Checkpoint checkpoint;
  checkpoint.dir_ = dir;
  PODIUM_ASSIGN_OR_RETURN(checkpoint.weights_, io::ModelWeights::Open(dir));
  checkpoint.prefix_ = prefix;
  if (!checkpoint.weights_.Has(checkpoint.Expand(probe))) {
    checkpoint.prefix_.clear();
    if (!checkpoint.weights_.Has(checkpoint.Expand(probe))) {
      return NotFound(Format("{}: no tensor \"{}\", with or without the prefix \"{}\"",
                             dir.string(), checkpoint.Expand(probe), prefix));
    }
  }
  return checkpoint;
}

std::string Checkpoint::Expand(std::string_view name) const {
  return name.starts_with('*') ? prefix_ + std::string(name.substr(1)) : std::string(name);
}

Result<io::TensorView> Checkpoint::Locate(std::string_view name, std::span<const size_t> shape) {
  PODIUM_ASSIGN_OR_RETURN(const io::TensorView tensor, weights_.Find(Expand(name)));
  if (!std::equal(tensor.shape.begin(), tensor.shape.end(), shape.begin(), shape.end())) {
    return DataCorruption(Format("{}: tensor \"{}\" has shape {}, config.json asks for {}",
                                 tensor.file, tensor.name, io::ShapeText(tensor.shape),
                                 io::ShapeText(shape)));
  }
  if (used_.emplace(tensor.name).second) {
    parameters_ += tensor.count();
  }
  return tensor;
}

Result<io::TensorView> Checkpoint::View(std::string_view name, std::span<const size_t> shape) {
  PODIUM_ASSIGN_OR_RETURN(const io::TensorView tensor, Locate(name, shape));
  PODIUM_RETURN_IF_ERROR(CheckFinite(tensor));
  return tensor;
}

Result<AlignedBuffer<float>> Checkpoint::Read(std::string_view name,
                                              std::span<const size_t> shape) {
  PODIUM_ASSIGN_OR_RETURN(const io::TensorView tensor, Locate(name, shape));
  AlignedBuffer<float> values(tensor.count());
  PODIUM_RETURN_IF_ERROR(io::ReadF32Into(tensor, values.span()));
  return values;
}

Result<Linear> Checkpoint::ReadLinear(const Arithmetic& arithmetic, std::string_view name,
                                      size_t outputs, size_t inputs, bool bias) {
  const std::array<size_t, 2> shape = {outputs, inputs};
  PODIUM_ASSIGN_OR_RETURN(const AlignedBuffer<float> weight,
                          Read(Format("{}.weight", name), shape));
  AlignedBuffer<float> shift;
  if (bias) {
    PODIUM_ASSIGN_OR_RETURN(shift, Read(Format("{}.bias", name), std::span(shape).first(1)));
  }
  return Linear::Create(*arithmetic.table, arithmetic.numbers, weight.span(), shift.span(), outputs,
                        inputs);
}

Result<Linear> Checkpoint::ReadFused(const Arithmetic& arithmetic,
                                     std::span<const std::string> names, size_t outputs_each,
                                     size_t inputs) {
  const std::array<size_t, 2> shape = {outputs_each, inputs};
  const size_t outputs = names.size() * outputs_each;
  AlignedBuffer<float> weight(outputs * inputs);
  AlignedBuffer<float> bias(outputs);
  for (size_t i = 0; i < names.size(); ++i) {
    PODIUM_ASSIGN_OR_RETURN(const AlignedBuffer<float> w,
                            Read(Format("{}.weight", names[i]), shape));
    PODIUM_ASSIGN_OR_RETURN(const AlignedBuffer<float> b,
                            Read(Format("{}.bias", names[i]), std::span(shape).first(1)));
    std::copy(w.span().begin(), w.span().end(), weight.data() + i * outputs_each * inputs);
    std::copy(b.span().begin(), b.span().end(), bias.data() + i * outputs_each);
  }
  return Linear::Create(*arithmetic.table, arithmetic.numbers, weight.span(), bias.span(), outputs,
                        inputs);
}

Result<LayerNorm> Checkpoint::ReadNorm(const kernels::KernelTable& table, std::string_view name,
                                       size_t width, double eps) {
  const std::array<size_t, 1> shape = {width};
  const bool legacy = !weights_.Has(Expand(Format("{}.weight", name))) &&
                      weights_.Has(Expand(Format("{}.gamma", name)));
  PODIUM_ASSIGN_OR_RETURN(AlignedBuffer<float> gamma,
                          Read(Format("{}.{}", name, legacy ? "gamma" : "weight"), shape));
  PODIUM_ASSIGN_OR_RETURN(AlignedBuffer<float> beta,
                          Read(Format("{}.{}", name, legacy ? "beta" : "bias"), shape));
  return LayerNorm(table, std::move(gamma), std::move(beta), eps);
}

Result<std::vector<std::string>> Checkpoint::CheckRest(std::span<const std::string> ignored) const {
  std::vector<std::string> rest;
  std::vector<std::string> unexpected;
  for (const std::string_view name : weights_.names()) {
    if (used_.contains(name)) {
      continue;
    }
    const bool known = std::any_of(ignored.begin(), ignored.end(), [&](const std::string& rule) {
      return name.starts_with(Expand(rule));
    });
    (known ? rest : unexpected).emplace_back(name);
  }
  if (!unexpected.empty()) {
    return DataCorruption(Format("{}: {} unexpected tensor{}, the first is \"{}\"", dir_.string(),
                                 unexpected.size(), unexpected.size() == 1 ? "" : "s",
                                 unexpected.front()));
  }
  return rest;
}

}  // namespace podium::nn
