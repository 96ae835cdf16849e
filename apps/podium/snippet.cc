#include "snippet.h"

#include <algorithm>

namespace podium::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The first match of the densest group that fits in `width` bytes.
size_t DensestStart(std::span<const MatchRange> matches, size_t width) {
  size_t best = 0;
  size_t best_count = 0;
  for (size_t first = 0, last = 0; first < matches.size(); ++first) {
    last = std::max(last, first);
    while (last < matches.size() && matches[last].second <= matches[first].first + width) {
      ++last;
    }
    if (last - first > best_count) {
      best_count = last - first;
      best = first;
    }
  }
  return best;
}

// The nearest place at or after `position` that begins a word, at most `limit`.
size_t WordStart(std::string_view text, size_t position, size_t limit) {
  while (position > 0 && position < limit && !IsSpace(text[position - 1])) {
    ++position;
  }
  return position;
}

// The nearest place at or before `position` that ends a word, or `position` where none lies after
// `limit`.
size_t WordEnd(std::string_view text, size_t position, size_t limit) {
  for (size_t end = position; end > limit; --end) {
    if (end == text.size() || IsSpace(text[end])) {
      return end;
    }
  }
  return position;
}

// A character boundary at or before `position`.
size_t CharacterStart(std::string_view text, size_t position) {
  while (position > 0 && position < text.size() &&
         (static_cast<unsigned char>(text[position]) & 0xC0U) == 0x80U) {
    --position;
  }
  return position;
}

// The bytes with white space runs as one space and control characters dropped.
void AppendPlain(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (IsSpace(c)) {
      if (!out.empty() && out.back() != ' ') {
        out.push_back(' ');
      }
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
      out.push_back(c);
    }
  }
}

}  // namespace

std::string MakeSnippet(std::string_view text, std::span<const MatchRange> matches, size_t width,
                        const std::function<std::string(std::string_view)>& mark) {
  size_t begin = 0;
  size_t end = text.size();
  if (text.size() > width) {
    if (!matches.empty()) {
      const size_t first = matches[DensestStart(matches, width * 3 / 4)].first;
      const size_t lead = width / 8;
      begin = std::min(first > lead ? first - lead : 0, text.size() - width);
      begin = CharacterStart(text, begin);
      begin = WordStart(text, begin, first);
    }
    end = CharacterStart(text, std::min(text.size(), begin + width));
    end = WordEnd(text, end, begin + width / 2);
  }
  std::string out;
  if (begin > 0) {
    out += kEllipsis;
  }
  size_t position = begin;
  for (const MatchRange& match : matches) {
    if (match.first < position || match.second > end) {
      continue;
    }
    AppendPlain(text.substr(position, match.first - position), out);
    std::string word;
    AppendPlain(text.substr(match.first, match.second - match.first), word);
    out += mark(word);
    position = match.second;
  }
  AppendPlain(text.substr(position, end - position), out);
  if (end < text.size()) {
    out += kEllipsis;
  }
  return out;
}

}  // namespace podium::cli
