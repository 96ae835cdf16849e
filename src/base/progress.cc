#include "base/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace podium {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kLogInterval = std::chrono::minutes(1);
constexpr int kDefaultColumns = 80;

int TerminalColumns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return kDefaultColumns;
}

double Seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

std::string GroupDigits(uint64_t value) {
  std::string digits = std::to_string(value);
  for (auto i = static_cast<ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

std::string FormatSeconds(double seconds) {
  if (seconds < 10) {
    return Format("{:.1f} s", seconds);
  }
  const auto whole = static_cast<uint64_t>(seconds + 0.5);
  if (whole < 60) {
    return Format("{} s", whole);
  }
  if (whole < 3600) {
    return Format("{}:{:02}", whole / 60, whole % 60);
  }
  return Format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

Progress::Progress(std::string what, std::string unit, uint64_t total, bool enabled)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      enabled_(enabled),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_draw_(start_) {}

Progress::~Progress() {
  if (drawn_ && terminal_) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
  }
}

void Progress::Add(uint64_t done) {
  if (!enabled_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  done_ += done;
  const Clock::time_point now = Clock::now();
  if (now - last_draw_ >= (terminal_ ? Clock::duration(kTerminalInterval) : kLogInterval)) {
    last_draw_ = now;
    Draw();
  }
}

void Progress::Draw() {
  const double seconds = Seconds(Clock::now() - start_);
  const std::string line = Render(done_, seconds, terminal_ ? TerminalColumns() : kDefaultColumns);
  fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  fflush(stderr);
  drawn_ = true;
}

std::string Progress::Render(uint64_t done, double seconds, int columns) const {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const std::string speed = Format("{}/s", GroupDigits(static_cast<uint64_t>(rate)));
  if (total_ == 0) {
    return Format("{}  {} {}  {}", what_, GroupDigits(done), unit_, speed);
  }
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const double left = rate > 0 ? static_cast<double>(total_ - std::min(done, total_)) / rate : 0;
  const std::string head = Format("{} {:3.0f} % ", what_, 100 * share);
  const std::string tail = Format(" {} of {} {}  {}  {} left", GroupDigits(done),
                                  GroupDigits(total_), unit_, speed, FormatSeconds(left));
  const int width = columns - static_cast<int>(head.size() + tail.size()) - 3;
  if (width < 5) {
    return head + tail;
  }
  const int filled = static_cast<int>(share * width);
  std::string bar(static_cast<size_t>(width), '.');
  std::fill_n(bar.begin(), filled, '#');
  return head + "[" + bar + "]" + tail;
}

}  // namespace podium
