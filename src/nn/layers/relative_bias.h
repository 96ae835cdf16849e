// A learned bias per head and bucket of relative distance, added to attention scores (MPNet).
#pragma once

#include <cstddef>
#include <cstdint>

#include "podium/status.h"

#include "base/aligned_buffer.h"
#include "nn/models/encoder_spec.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {

// The bucket of 32 that a distance falls into: 16 for keys at or before the query, 16 for keys
// after it, one per distance below 8 and logarithmic up to 128 beyond (modeling_mpnet.py,
// relative_position_bucket, whose sizes are fixed whatever the config says).
size_t RelativeBucket(int64_t key_minus_query);

// Immutable; safe to use from many threads.
class RelativeBias {
 public:
  RelativeBias() = default;
  static Result<RelativeBias> Load(const EncoderSpec& spec, Checkpoint& checkpoint);

  // Writes the [tokens x tokens] bias of `head`. REQUIRES: tokens <= spec.max_positions().
  void Fill(size_t head, size_t tokens, float* out) const;

  bool empty() const { return by_distance_.empty(); }

 private:
  size_t max_tokens_ = 0;
  // Per head, the bias for distances -(max_tokens - 1) to max_tokens - 1: a row of the matrix is a
  // slice of it.
  AlignedBuffer<float> by_distance_;
};

}  // namespace podium::nn
