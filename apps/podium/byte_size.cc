#include "byte_size.h"

#include <iterator>

#include "base/format.h"

namespace podium::cli {

std::string FormatBytes(uint64_t bytes) {
  constexpr double kStep = 1000;
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < static_cast<uint64_t>(kStep)) {
    return Format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / kStep;
  size_t unit = 0;
  while (value >= kStep - 0.5 && unit + 1 < std::size(kUnits)) {
    value /= kStep;
    ++unit;
  }
  constexpr double kOneDigitUpTo = 9.95;
  return value < kOneDigitUpTo ? Format("{:.1f} {}", value, kUnits[unit])
                               : Format("{:.0f} {}", value, kUnits[unit]);
}

}  // namespace podium::cli
