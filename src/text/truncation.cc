#include "text/truncation.h"

#include <algorithm>

#include "base/format.h"

namespace podium::text {
namespace {

// Both keep the same if both must be cut; the longer one takes the odd token.
KeptTokens LongestFirst(size_t first, size_t second, size_t room) {
  size_t shorter = std::min(first, second);
  size_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room / 2;
    longer = shorter + room % 2;
  }
  // Of equals the second counts as the longer.
  return first > second ? KeptTokens{longer, shorter} : KeptTokens{shorter, longer};
}

}  // namespace

Result<KeptTokens> PlanTruncation(size_t first, std::optional<size_t> second, size_t special,
                                  const Truncation& truncation) {
  const KeptTokens all = {first, second.value_or(0)};
  // The reference subtracts without a check: a limit below the special tokens limits nothing.
  if (truncation.strategy == TruncationStrategy::kNone || truncation.max_length < special) {
    return all;
  }
  const size_t room = truncation.max_length - special;
  const size_t total = all.first + all.second;
  if (room == 0) {
    return KeptTokens{0, 0};
  }
  if (total <= room) {
    return all;
  }
  const size_t excess = total - room;
  switch (truncation.strategy) {
    case TruncationStrategy::kLongestFirst:
      return second ? LongestFirst(first, *second, room) : KeptTokens{room, 0};
    case TruncationStrategy::kOnlyFirst:
      if (first > excess) {
        return KeptTokens{first - excess, all.second};
      }
      break;
    case TruncationStrategy::kOnlySecond:
      if (!second) {
        return InvalidArgument("cannot cut only the second text: there is none");
      }
      if (*second > excess) {
        return KeptTokens{first, *second - excess};
      }
      break;
    case TruncationStrategy::kNone: break;
  }
  const bool cut_first = truncation.strategy == TruncationStrategy::kOnlyFirst;
  return InvalidArgument(
      Format("the {} text has {} tokens: too few to cut {} off for a maximum length of {}",
             cut_first ? "first" : "second", cut_first ? first : all.second, excess,
             truncation.max_length));
}

}  // namespace podium::text
