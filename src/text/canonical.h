// The Unicode normalisation forms, applied to aligned text.
#pragma once

#include <cstdint>

#include "text/aligned_text.h"

namespace podium::text {

enum class CanonicalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

// Rewrites the text in a normalisation form (Unicode Standard Annex 15), linear in its length but
// for runs of marks, which are sorted. Each character keeps the origin that the Hugging Face
// library gives it.
void NormalizeCanonically(CanonicalForm form, AlignedText& text);

}  // namespace podium::text
