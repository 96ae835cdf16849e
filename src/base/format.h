// Format("{} of {}", a, b): the one door to fmt, so that no other module names it.
#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>

namespace podium {

template <typename... Args>
std::string Format(fmt::format_string<Args...> pattern, Args&&... args) {
  return fmt::format(pattern, std::forward<Args>(args)...);
}

}  // namespace podium
