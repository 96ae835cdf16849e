// From one state per token to one vector per sequence, as sentence-transformers' Pooling does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace podium::nn {

enum class Pooling : uint8_t {
  kCls,           // the first token
  kMax,           // the largest value per dimension
  kMean,          // the mean over the tokens
  kMeanSqrtLen,   // the sum divided by the square root of the number of tokens
  kWeightedMean,  // the mean with weights 1, 2, 3, … over the tokens
  kLast,          // the last token
  kPooler,        // the model's own pooler (dense and tanh on the first token)
};

// "cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", "pooler".
std::string_view PoolingName(Pooling pooling);
std::optional<Pooling> PoolingFromName(std::string_view name);

// states is [T x E], T > 0; out has E values. Sums run in double. REQUIRES: pooling != kPooler,
// which is a layer with weights.
void Pool(Pooling pooling, std::span<const float> states, std::span<float> out);

// x / max(|x|, 1e-12), as torch.nn.functional.normalize.
void NormalizeL2(std::span<float> x);

}  // namespace podium::nn
