// Where a token or term lies in the text it was read from.
#pragma once

#include <cstdint>

namespace podium::text {

// Bytes [begin, end) of the original text.
struct ByteRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

}  // namespace podium::text
