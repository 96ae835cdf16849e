#include "text/split.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"

namespace podium::text {
namespace {

void Put(uint32_t begin, uint32_t end, std::vector<ByteRange>& out) {
  if (begin < end) {
    out.push_back({begin, end});
  }
}

// A stretch is joined to the piece before if `joins` says so of it and the stretch before.
template <typename Joins>
void Join(std::span<const Match> stretches, Joins joins, std::vector<ByteRange>& out) {
  bool before = false;
  bool open = false;
  ByteRange piece;
  for (const Match& stretch : stretches) {
    if (open && joins(stretch.matched, before)) {
      piece.end = stretch.end;
    } else {
      if (open) {
        Put(piece.begin, piece.end, out);
      }
      piece = {stretch.begin, stretch.end};
      open = true;
    }
    before = stretch.matched;
  }
  if (open) {
    Put(piece.begin, piece.end, out);
  }
}

// From the back, a match is joined to what follows it unless that is a match.
void JoinToNext(std::span<const Match> stretches, std::vector<ByteRange>& out) {
  const size_t first = out.size();
  bool after = false;
  for (size_t i = stretches.size(); i-- > 0;) {
    const Match& stretch = stretches[i];
    if (stretch.matched && !after && out.size() > first) {
      out.back().begin = stretch.begin;
    } else {
      out.push_back({stretch.begin, stretch.end});
    }
    after = stretch.matched;
  }
  std::reverse(out.begin() + static_cast<ptrdiff_t>(first), out.end());
  out.erase(std::remove_if(out.begin() + static_cast<ptrdiff_t>(first), out.end(),
                           [](const ByteRange& piece) { return piece.begin == piece.end; }),
            out.end());
}

}  // namespace

Result<SplitBehavior> ParseSplitBehavior(std::string_view name, std::string_view where) {
  struct Names {
    std::string_view title;
    std::string_view snake;
    SplitBehavior behavior;
  };
  constexpr std::array<Names, 5> kAll = {{
      {"Removed", "removed", SplitBehavior::kRemoved},
      {"Isolated", "isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", "merged_with_previous", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", "merged_with_next", SplitBehavior::kMergedWithNext},
      {"Contiguous", "contiguous", SplitBehavior::kContiguous},
  }};
  for (const Names& names : kAll) {
    if (name == names.title || name == names.snake) {
      return names.behavior;
    }
  }
  return Unsupported(Format("{}: split behavior \"{}\" is not known", where, name));
}

void ApplySplit(std::span<const Match> stretches, SplitBehavior behavior,
                std::vector<ByteRange>& out) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
    case SplitBehavior::kIsolated:
      for (const Match& stretch : stretches) {
        if (!stretch.matched || behavior == SplitBehavior::kIsolated) {
          Put(stretch.begin, stretch.end, out);
        }
      }
      break;
    case SplitBehavior::kContiguous:
      Join(
          stretches, [](bool matched, bool before) { return matched == before; }, out);
      break;
    case SplitBehavior::kMergedWithPrevious:
      Join(
          stretches, [](bool matched, bool before) { return matched && !before; }, out);
      break;
    case SplitBehavior::kMergedWithNext: JoinToNext(stretches, out); break;
  }
}

}  // namespace podium::text
