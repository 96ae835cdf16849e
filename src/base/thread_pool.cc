// How workers meet. A Loop is a place where work lies open; there is one for ParallelFor and one
// for each worker's Share. Whoever opens a loop works on it at once and never waits for somebody to
// come; helpers come and go through its gate, and the opener waits for those that are inside when
// the work has run out. `bell` counts what a waiting worker should look at: a loop that was opened,
// or the last helper that left the outer loop.
//
// Memory order: what the opener wrote reaches a helper through the gate (opened with release,
// entered with acquire; entering and leaving are read-modify-writes, which keep the release
// sequence), and what the helper wrote reaches the opener the same way back (left with release, the
// opener waits with acquire). Work is handed out by a relaxed counter, which only has to give each
// number once. Everything else is a hint: who reads an old value looks again when the bell rings.
#include "base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

namespace podium {

size_t AvailableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    const int count = CPU_COUNT(&set);
    if (count > 0) {
      return static_cast<size_t>(count);
    }
  }
  const unsigned count = std::thread::hardware_concurrency();
  return count > 0 ? count : 1;
}

namespace {

using Clock = std::chrono::steady_clock;

// How long a worker looks out for work before it sleeps. Waking a sleeper takes some 50 us, so that
// long at most is worth waiting; the pauses between the loops of one forward pass are shorter.
constexpr auto kLookout = std::chrono::microseconds(50);
// Looks between two readings of the clock: a pause takes some 20 to 60 ns, so about a microsecond.
constexpr int kLooks = 32;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns when `word` is no longer `old`: after a look, after a lookout, or after a sleep. The
// lookout gives the CPU away between its looks, for if others want it, one of them may be who is
// waited for.
void AwaitChange(const std::atomic<uint32_t>& word, uint32_t old, bool lookout) {
  const auto changed = [&] { return word.load(std::memory_order_acquire) != old; };
  if (changed()) {
    return;
  }
  if (lookout) {
    const Clock::time_point end = Clock::now() + kLookout;
    do {
      for (int i = 0; i < kLooks; ++i) {
        if (changed()) {
          return;
        }
        Pause();
      }
      sched_yield();
    } while (Clock::now() < end);
  }
  word.wait(old, std::memory_order_acquire);
}

// One parallel loop at a time; when it is over the next one may be opened in its place. A cache
// line of its own, so that a meeting moves one line and workers that do not meet share none.
class alignas(64) Loop {
 public:
  // Lays out work that nobody is working on yet. By the owner, who closes it before the next.
  void Open(size_t count, const ThreadPool::Task& task) {
    task_ = &task;
    count_.store(count, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    gate_.fetch_and(~kClosed, std::memory_order_release);
  }

  // From now on nobody enters. helpers() may still count some that are inside.
  void Close() { gate_.fetch_or(kClosed, std::memory_order_relaxed); }

  // Runs what is left. By the owner, or by a helper that has entered.
  void Drain(size_t worker) {
    const size_t count = count_.load(std::memory_order_relaxed);
    for (size_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count;
         i = next_.fetch_add(1, std::memory_order_relaxed)) {
      (*task_)(i, worker);
    }
  }

  // Whether it is worth entering.
  bool HasWork() const {
    return (gate_.load(std::memory_order_relaxed) & kClosed) == 0 &&
           next_.load(std::memory_order_relaxed) < count_.load(std::memory_order_relaxed);
  }

  // False: the gate was closed. Either way, Leave must follow.
  bool Enter() { return (gate_.fetch_add(1, std::memory_order_acquire) & kClosed) == 0; }

  // True for the last that leaves a closed loop: the owner may be waiting for that.
  bool Leave() { return gate_.fetch_sub(1, std::memory_order_release) == (kClosed | 1); }

  // REQUIRES: Close was called.
  bool Empty() const { return gate_.load(std::memory_order_acquire) == kClosed; }

  // Waits until Empty, for helpers that call NotifyOwner.
  void AwaitEmpty(bool lookout) const {
    for (uint32_t gate = gate_.load(std::memory_order_acquire); gate != kClosed;
         gate = gate_.load(std::memory_order_acquire)) {
      AwaitChange(gate_, gate, lookout);
    }
  }
  void NotifyOwner() { gate_.notify_one(); }

 private:
  static constexpr uint32_t kClosed = uint32_t{1} << 31;

  // kClosed, and the number of helpers inside. A helper that finds the gate closed also counts for
  // a moment, and then touches nothing else.
  std::atomic<uint32_t> gate_{kClosed};
  std::atomic<size_t> next_{0};
  std::atomic<size_t> count_{0};
  const ThreadPool::Task* task_ = nullptr;
};

}  // namespace

struct ThreadPool::Impl {
  std::mutex outer_mutex;  // held by the thread whose ParallelFor runs; it is worker 0 meanwhile
  Loop outer;
  std::vector<Loop> inner;  // by worker
  alignas(64) std::atomic<uint32_t> bell{0};
  std::atomic<size_t> idle{0};
  std::atomic<bool> stop{false};
  bool lookout = false;
  std::vector<std::thread> threads;

  explicit Impl(size_t workers)
      : inner(workers), idle(workers - 1), lookout(workers <= AvailableCpus()) {}

  // Wakes up to `sleepers` workers for work that was laid out.
  void Ring(size_t sleepers) {
    bell.fetch_add(1, std::memory_order_release);
    if (sleepers >= threads.size()) {
      bell.notify_all();
      return;
    }
    for (size_t i = 0; i < sleepers; ++i) {
      bell.notify_one();
    }
  }

  // Runs a task of the outer loop, or else a part of somebody's. False: there was none.
  bool Help(size_t worker) {
    if (outer.HasWork()) {
      idle.fetch_sub(1, std::memory_order_relaxed);
      if (outer.Enter()) {
        outer.Drain(worker);
      }
      idle.fetch_add(1, std::memory_order_relaxed);
      if (outer.Leave()) {
        Ring(threads.size());
      }
      return true;
    }
    for (size_t i = 1; i < inner.size(); ++i) {
      Loop& loop = inner[(worker + i) % inner.size()];
      if (loop.HasWork()) {
        if (loop.Enter()) {
          loop.Drain(worker);
        }
        if (loop.Leave()) {
          loop.NotifyOwner();
        }
        return true;
      }
    }
    return false;
  }

  // Helps until done().
  template <typename Done>
  void HelpUntil(size_t worker, const Done& done) {
    while (true) {
      // Before looking, so that what is laid out after the look changes it.
      const uint32_t rung = bell.load(std::memory_order_acquire);
      if (done()) {
        return;
      }
      if (!Help(worker)) {
        AwaitChange(bell, rung, lookout);
      }
    }
  }
};

ThreadPool::ThreadPool(size_t threads)
    : impl_(std::make_unique<Impl>(threads > 0 ? threads : AvailableCpus())) {
  Impl& impl = *impl_;
  impl.threads.reserve(size() - 1);
  for (size_t worker = 1; worker < size(); ++worker) {
    impl.threads.emplace_back([&impl, worker] {
      impl.HelpUntil(worker, [&impl] { return impl.stop.load(std::memory_order_relaxed); });
    });
  }
}

ThreadPool::~ThreadPool() {
  impl_->stop.store(true, std::memory_order_relaxed);
  impl_->Ring(impl_->threads.size());
  for (std::thread& thread : impl_->threads) {
    thread.join();
  }
}

size_t ThreadPool::size() const {
  return impl_->inner.size();
}

size_t ThreadPool::idle() const {
  return impl_->idle.load(std::memory_order_relaxed);
}

void ThreadPool::ParallelFor(size_t count, Task task) {
  Impl& impl = *impl_;
  const std::lock_guard outer(impl.outer_mutex);
  if (count <= 1 || impl.threads.empty()) {
    for (size_t i = 0; i < count; ++i) {
      task(i, 0);
    }
    return;
  }
  impl.outer.Open(count, task);
  impl.Ring(count - 1);
  impl.outer.Drain(0);
  impl.outer.Close();
  impl.idle.fetch_add(1, std::memory_order_relaxed);
  impl.HelpUntil(0, [&impl] { return impl.outer.Empty(); });
  impl.idle.fetch_sub(1, std::memory_order_relaxed);
}

void ThreadPool::Share(size_t worker, size_t count, Task task) {
  Impl& impl = *impl_;
  if (count <= 1 || idle() == 0) {
    for (size_t i = 0; i < count; ++i) {
      task(i, worker);
    }
    return;
  }
  Loop& loop = impl.inner[worker];
  loop.Open(count, task);
  impl.Ring(count - 1);
  loop.Drain(worker);
  loop.Close();
  loop.AwaitEmpty(impl.lookout);
}

}  // namespace podium
