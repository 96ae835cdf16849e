// Token ids of several sequences laid end to end, without padding: what every model of this module
// takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace podium::nn {

struct TokenBatch {
  std::vector<int32_t> ids;             // of all sequences, one after another
  std::vector<int32_t> type_ids;        // segment of each token, as long as ids
  std::vector<uint32_t> offsets = {0};  // sequence s is [offsets[s], offsets[s + 1])

  // Appends one sequence. Empty type ids stand for zeros. REQUIRES: `sequence_type_ids` is empty or
  // as long as `sequence_ids`, and the batch stays below 2^32 tokens.
  void Add(std::span<const int32_t> sequence_ids, std::span<const int32_t> sequence_type_ids = {});

  size_t sequences() const { return offsets.size() - 1; }
  size_t tokens() const { return ids.size(); }
  size_t length(size_t sequence) const { return offsets[sequence + 1] - offsets[sequence]; }

  // Empties the batch and keeps its memory.
  void Clear();
};

}  // namespace podium::nn
