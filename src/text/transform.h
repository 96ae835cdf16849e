// Rewrites text by a stream of characters with changes, as the Hugging Face library does.
#pragma once

#include <cstddef>
#include <cstdint>

#include "text/aligned_text.h"

namespace podium::text {

// Within a rewrite of `text`: puts characters that each say what they do to the old ones. Change 0
// stands for the next old character, 1 or more is new and shares the origin of the old character
// before, and -n stands for the next old character and drops n more. Where changes do not add up,
// origins drift, as they do in the reference; bytes never depend on changes.
class Transform {
 public:
  // `at` is where the next old character begins.
  Transform(AlignedText& text, size_t at) : text_(text), at_(at) {}

  void Emit(char32_t c, int64_t change);
  // Goes on with the old character that begins at `at`.
  void MoveTo(size_t at) { at_ = at; }
  size_t at() const { return at_; }

 private:
  void Advance();

  AlignedText& text_;
  size_t at_;
};

}  // namespace podium::text
