#include "nn/token_batch.h"

namespace podium::nn {

void TokenBatch::Add(std::span<const int32_t> sequence_ids,
                     std::span<const int32_t> sequence_type_ids) {
  ids.insert(ids.end(), sequence_ids.begin(), sequence_ids.end());
  type_ids.insert(type_ids.end(), sequence_type_ids.begin(), sequence_type_ids.end());
  type_ids.resize(ids.size(), 0);
  offsets.push_back(static_cast<uint32_t>(ids.size()));
}

void TokenBatch::Clear() {
  ids.clear();
  type_ids.clear();
  offsets.assign(1, 0);
}

}  // namespace podium::nn
