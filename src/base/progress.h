// What a person sees while long work runs: a bar on a terminal, a line a minute elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace podium {

// Progress of one loop, drawn on standard error. On a terminal it is a bar with rate and time left,
// redrawn at most ten times a second; elsewhere one line a minute. Thread-safe.
class Progress {
 public:
  // `what` is a word for the work ("indexing"), `unit` the plural of what is counted ("passages").
  // total == 0 means that the amount is not known. With enabled == false nothing is drawn.
  Progress(std::string what, std::string unit, uint64_t total, bool enabled = true);
  // Clears the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Add(uint64_t done);

  // The line that would be drawn for `done` after `seconds`; public for tests.
  std::string Render(uint64_t done, double seconds, int columns) const;

 private:
  void Draw();

  const std::string what_;
  const std::string unit_;
  const uint64_t total_;
  const bool enabled_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  uint64_t done_ = 0;
  std::chrono::steady_clock::time_point last_draw_;
  bool drawn_ = false;
};

// "1,234,567"
std::string GroupDigits(uint64_t value);

// "0.4 s", "12 s", "3:07", "1:02:03"
std::string FormatSeconds(double seconds);

}  // namespace podium
