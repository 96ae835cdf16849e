#include "base/interrupt.h"

#include <signal.h>

#include <atomic>

namespace podium {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void OnSignal(int /*signal*/) {
  stop_requested.store(true);
}

}  // namespace

void InstallStopHandler() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  // One-shot: the second signal finds the default action and ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool StopRequested() {
  return stop_requested.load();
}

Status CheckStop() {
  return StopRequested() ? Cancelled("stopped by the user") : Status::Ok();
}

}  // namespace podium
