#include "nn/layers/pooling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace podium::nn {
namespace {

constexpr std::array<std::pair<std::string_view, Pooling>, 7> kNames = {
    {{"cls", Pooling::kCls},
     {"max", Pooling::kMax},
     {"mean", Pooling::kMean},
     {"mean_sqrt_len_tokens", Pooling::kMeanSqrtLen},
     {"weightedmean", Pooling::kWeightedMean},
     {"lasttoken", Pooling::kLast},
     {"pooler", Pooling::kPooler}}};

// out[e] = sum over tokens of weight(t) states[t][e], divided by `divisor`. Columns go in strips so
// that the sums stay in registers and every row is read along its cache lines.
template <typename Weight>
void SumTokens(std::span<const float> states, std::span<float> out, double divisor,
               const Weight& weight) {
  constexpr size_t kStrip = 16;
  const size_t width = out.size();
  const size_t tokens = states.size() / width;
  for (size_t begin = 0; begin < width; begin += kStrip) {
    const size_t columns = std::min(kStrip, width - begin);
    std::array<double, kStrip> sums = {};
    for (size_t t = 0; t < tokens; ++t) {
      const float* row = states.data() + t * width + begin;
      for (size_t c = 0; c < columns; ++c) {
        sums[c] += weight(t) * static_cast<double>(row[c]);
      }
    }
    for (size_t c = 0; c < columns; ++c) {
      out[begin + c] = static_cast<float>(sums[c] / divisor);
    }
  }
}

void MaxTokens(std::span<const float> states, std::span<float> out) {
  const size_t width = out.size();
  std::copy_n(states.begin(), width, out.begin());
  for (size_t at = width; at < states.size(); at += width) {
    for (size_t e = 0; e < width; ++e) {
      out[e] = std::max(out[e], states[at + e]);
    }
  }
}

}  // namespace

std::string_view PoolingName(Pooling pooling) {
  for (const auto& [name, known] : kNames) {
    if (known == pooling) {
      return name;
    }
  }
  return "unknown";
}

std::optional<Pooling> PoolingFromName(std::string_view name) {
  for (const auto& [known, pooling] : kNames) {
    if (known == name) {
      return pooling;
    }
  }
  return std::nullopt;
}

void Pool(Pooling pooling, std::span<const float> states, std::span<float> out) {
  const size_t width = out.size();
  const auto tokens = static_cast<double>(states.size() / width);
  const auto one = [](size_t) { return 1.0; };
  switch (pooling) {
    case Pooling::kPooler:
    case Pooling::kCls: std::copy_n(states.begin(), width, out.begin()); break;
    case Pooling::kLast:
      std::copy(states.end() - static_cast<ptrdiff_t>(width), states.end(), out.begin());
      break;
    case Pooling::kMax: MaxTokens(states, out); break;
    case Pooling::kMean: SumTokens(states, out, tokens, one); break;
    case Pooling::kMeanSqrtLen: SumTokens(states, out, std::sqrt(tokens), one); break;
    case Pooling::kWeightedMean:
      SumTokens(states, out, tokens * (tokens + 1) / 2,
                [](size_t t) { return static_cast<double>(t + 1); });
      break;
  }
}

void NormalizeL2(std::span<float> x) {
  double squares = 0;
  for (const float value : x) {
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double norm = std::max(std::sqrt(squares), 1e-12);
  for (float& value : x) {
    value = static_cast<float>(static_cast<double>(value) / norm);
  }
}

}  // namespace podium::nn
