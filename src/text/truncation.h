// How many tokens of each text stay within a length limit.
#pragma once

#include <cstddef>
#include <optional>

#include "podium/status.h"

#include "text/tokenizer.h"

namespace podium::text {

struct KeptTokens {
  size_t first = 0;
  size_t second = 0;
  bool operator==(const KeptTokens&) const = default;
};

// For texts of `first` and `second` tokens (nullopt: no second text) and `special` tokens around
// them. The rules of tokenizers 0.22; see Tokenizer::Assemble.
Result<KeptTokens> PlanTruncation(size_t first, std::optional<size_t> second, size_t special,
                                  const Truncation& truncation);

}  // namespace podium::text
