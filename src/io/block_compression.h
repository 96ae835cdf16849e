// One block of bytes in memory, compressed with Zstandard.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "podium/status.h"

namespace podium::io {

// A Zstandard frame that holds its own content size. Never empty.
std::string CompressBlock(std::string_view bytes);

// The bytes of a frame that CompressBlock made. DataCorruption for anything else, and for a frame
// that claims more than `max_bytes`.
Result<std::string> DecompressBlock(std::string_view frame, size_t max_bytes);

}  // namespace podium::io
