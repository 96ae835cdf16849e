// Wall-clock time since a start, in seconds.
#pragma once

#include <chrono>

namespace podium {

class Stopwatch {
 public:
  Stopwatch() : start_(Clock::now()) {}

  double Seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  // Seconds since the start or the last Lap.
  double Lap() {
    const Clock::time_point now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - start_).count();
    start_ = now;
    return seconds;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_;
};

}  // namespace podium
