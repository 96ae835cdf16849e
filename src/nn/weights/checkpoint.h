// The weights of a model being loaded: tensors by the names of its family, with every fault named,
// and a record of what was used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "io/safetensors.h"
#include "kernels/kernels.h"
#include "nn/ops/arithmetic.h"
#include "nn/ops/layer_norm.h"
#include "nn/ops/linear.h"

namespace podium::nn {

// Names start with "*" where the encoder's prefix goes ("bert." in a task model, nothing in a bare
// encoder). Errors name the file and the tensor: NotFound (missing), DataCorruption (other shape,
// an infinity or NaN), Unsupported (element type). One thread at a time.
class Checkpoint {
 public:
  // Opens the weights below `dir` and decides whether names carry `prefix`, by where `probe` is.
  static Result<Checkpoint> Open(const std::filesystem::path& dir, std::string_view prefix,
                                 std::string_view probe);

  // The tensor as it lies in the file, its values checked. Valid while weights() lives, also after
  // a move.
  Result<io::TensorView> View(std::string_view name, std::span<const size_t> shape);
  Result<AlignedBuffer<float>> Read(std::string_view name, std::span<const size_t> shape);

  // `name`.weight, and .bias where `bias` is set.
  Result<Linear> ReadLinear(const Arithmetic& arithmetic, std::string_view name, size_t outputs,
                            size_t inputs, bool bias = true);
  // Several layers over the same input as one: their outputs lie side by side.
  Result<Linear> ReadFused(const Arithmetic& arithmetic, std::span<const std::string> names,
                           size_t outputs_each, size_t inputs);
  // `name`.weight and .bias, or gamma and beta as the first BERT checkpoints spell them.
  Result<LayerNorm> ReadNorm(const kernels::KernelTable& table, std::string_view name, size_t width,
                             double eps);

  // Sorts what was not read: names that begin with one of `ignored` are returned, any other is
  // DataCorruption.
  Result<std::vector<std::string>> CheckRest(std::span<const std::string> ignored) const;

  uint64_t parameters() const { return parameters_; }  // values read so far
  io::ModelWeights TakeWeights() && { return std::move(weights_); }

 private:
  std::string Expand(std::string_view name) const;
  // Finds the tensor, compares its shape and counts it as used.
  Result<io::TensorView> Locate(std::string_view name, std::span<const size_t> shape);

  std::filesystem::path dir_;
  io::ModelWeights weights_;
  std::string prefix_;
  std::set<std::string, std::less<>> used_;
  uint64_t parameters_ = 0;
};

}  // namespace podium::nn
