// Sizes for people.
#pragma once

#include <cstdint>
#include <string>

namespace podium::cli {

// "812 B", "1.5 kB", "27 MB", "3.2 GB": powers of 1000, two significant digits below 10.
std::string FormatBytes(uint64_t bytes);

}  // namespace podium::cli
