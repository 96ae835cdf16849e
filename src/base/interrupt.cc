#include "base/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include <poll.h>

namespace podium {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

// The handler writes a byte here, so that poll() wakes up: the read end stays readable from then
// on.
int stop_pipe[2] = {-1, -1};

void OnSignal(int /*signal*/) {
  stop_requested.store(true);
  if (stop_pipe[1] >= 0) {
    const char byte = 0;
    // A full pipe is as good as a written byte.
    [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
  }
}

}  // namespace

void InstallStopHandler() {
  if (stop_pipe[0] < 0 && pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
    stop_pipe[0] = stop_pipe[1] = -1;
  }
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

bool WaitForInput(int fd) {
  pollfd sources[2] = {{fd, POLLIN, 0}, {stop_pipe[0], POLLIN, 0}};
  while (!StopRequested()) {
    if (poll(sources, 2, -1) > 0 && sources[0].revents != 0) {
      return true;
    }
  }
  return false;
}

Status CheckStop() {
  return StopRequested() ? Cancelled("stopped by the user") : Status::Ok();
}

}  // namespace podium
