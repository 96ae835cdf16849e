// Log lines on standard error: "podium: warning: …". The library reports through Status; a log line
// is for what a person should know although the work goes on.
#pragma once

#include <string_view>
#include <utility>

#include "base/format.h"

namespace podium {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// Lines below `level` are dropped. The default is kInfo. Thread-safe.
void SetLogLevel(LogLevel level);

// Writes one line. Thread-safe.
void LogLine(LogLevel level, std::string_view message);

template <typename... Args>
void Log(LogLevel level, fmt::format_string<Args...> pattern, Args&&... args) {
  LogLine(level, Format(pattern, std::forward<Args>(args)...));
}

}  // namespace podium
