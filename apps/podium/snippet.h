// The part of a text that shows why it matched, in the width of a terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace podium::cli {

using MatchRange = std::pair<size_t, size_t>;  // bytes [first, second)

// At most about `width` bytes of the text, cut between words around the densest group of matches,
// with "…" where text is left out, white space runs as one space, control characters dropped, and
// mark() applied to every match. REQUIRES: text is valid UTF-8; ranges ascending, on character
// boundaries, not overlapping.
std::string MakeSnippet(std::string_view text, std::span<const MatchRange> matches, size_t width,
                        const std::function<std::string(std::string_view)>& mark);

}  // namespace podium::cli
