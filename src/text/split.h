// What becomes of the matches of a pattern when text is cut at them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "text/byte_range.h"
#include "text/pre_tokenizer.h"

namespace podium::text {

// "the-final--countdown" cut at "-" gives
enum class SplitBehavior : uint8_t {
  kRemoved,             // the final countdown
  kIsolated,            // the - final - - countdown
  kMergedWithPrevious,  // the- final- - countdown
  kMergedWithNext,      // the -final - -countdown
  kContiguous,          // the - final -- countdown
};

// "Removed", "MergedWithPrevious", … or "removed", "merged_with_previous", …
Result<SplitBehavior> ParseSplitBehavior(std::string_view name, std::string_view where);

// Appends the pieces that stretches covering a text fall into; empty ones are left out.
void ApplySplit(std::span<const Match> stretches, SplitBehavior behavior,
                std::vector<ByteRange>& out);

}  // namespace podium::text
