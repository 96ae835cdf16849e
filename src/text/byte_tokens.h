// Tokens that stand for one byte each: <0x00> … <0xFF>.
#pragma once

#include <array>
#include <cstdint>

#include "text/vocabulary.h"

namespace podium::text {

// Their ids by byte; -1 for those that the vocabulary does not have.
std::array<int32_t, 256> FindByteTokens(const Vocabulary& vocabulary);

}  // namespace podium::text
