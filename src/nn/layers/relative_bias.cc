#include "nn/layers/relative_bias.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace podium::nn {

size_t RelativeBucket(int64_t key_minus_query) {
  constexpr int64_t kPerSide = 16;
  constexpr int64_t kExact = 8;
  constexpr float kMaxDistance = 128.0F;
  const int64_t side = key_minus_query > 0 ? kPerSide : 0;
  const int64_t distance = std::abs(key_minus_query);
  if (distance < kExact) {
    return static_cast<size_t>(side + distance);
  }
  // In float and in this order, as the reference computes it: exact powers of two lie on the edge
  // between two buckets.
  constexpr auto kExactF = static_cast<float>(kExact);
  const float log_span = std::log(kMaxDistance / kExactF);
  const float scaled = std::log(static_cast<float>(distance) / kExactF) / log_span *
                       static_cast<float>(kPerSide - kExact);
  const int64_t bucket = kExact + static_cast<int64_t>(scaled);
  return static_cast<size_t>(side + std::min(bucket, kPerSide - 1));
}

Result<RelativeBias> RelativeBias::Load(const EncoderSpec& spec, Checkpoint& checkpoint) {
  PODIUM_ASSIGN_OR_RETURN(const AlignedBuffer<float> table,
                          checkpoint.Read("*" + spec.names.relative_bias + ".weight",
                                          std::array{spec.bias_buckets, spec.heads}));
  RelativeBias bias;
  bias.max_tokens_ = spec.max_positions();
  const size_t span = 2 * bias.max_tokens_ - 1;
  bias.by_distance_.Resize(spec.heads * span);
  for (size_t d = 0; d < span; ++d) {
    const size_t bucket =
        RelativeBucket(static_cast<int64_t>(d) - static_cast<int64_t>(bias.max_tokens_ - 1));
    for (size_t head = 0; head < spec.heads; ++head) {
      bias.by_distance_[head * span + d] = table[bucket * spec.heads + head];
    }
  }
  return bias;
}

void RelativeBias::Fill(size_t head, size_t tokens, float* out) const {
  const float* middle = by_distance_.data() + head * (2 * max_tokens_ - 1) + (max_tokens_ - 1);
  for (size_t query = 0; query < tokens; ++query) {
    std::copy_n(middle - query, tokens, out + query * tokens);
  }
}

}  // namespace podium::nn
