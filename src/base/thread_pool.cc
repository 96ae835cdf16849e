#include "base/thread_pool.h"

#include <atomic>
#include <condition_variable>
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

// One loop runs at a time (loop_mutex). A loop is published under mutex_ with a new generation
// number; each thread takes part once per generation and reports in `active` when it has left the
// loop, so the task object outlives every use of it.
struct ThreadPool::Impl {
  std::mutex loop_mutex;

  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  const std::function<void(size_t, size_t)>* task = nullptr;
  size_t count = 0;
  uint64_t generation = 0;
  size_t active = 0;
  bool stop = false;

  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;

  void Drain(const std::function<void(size_t, size_t)>& body, size_t limit, size_t worker) {
    for (size_t i = next.fetch_add(1); i < limit; i = next.fetch_add(1)) {
      body(i, worker);
    }
  }

  void Run(size_t worker) {
    uint64_t seen = 0;
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return stop || generation != seen; });
      if (stop) {
        return;
      }
      seen = generation;
      const auto* body = task;
      const size_t limit = count;
      lock.unlock();
      Drain(*body, limit, worker);
      lock.lock();
      if (--active == 0) {
        done.notify_one();
      }
    }
  }
};

ThreadPool::ThreadPool(size_t threads) : impl_(std::make_unique<Impl>()) {
  const size_t total = threads > 0 ? threads : AvailableCpus();
  impl_->threads.reserve(total - 1);
  for (size_t worker = 1; worker < total; ++worker) {
    impl_->threads.emplace_back([this, worker] { impl_->Run(worker); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->wake.notify_all();
  for (std::thread& thread : impl_->threads) {
    thread.join();
  }
}

size_t ThreadPool::size() const {
  return impl_->threads.size() + 1;
}

void ThreadPool::ParallelFor(size_t count,
                             const std::function<void(size_t index, size_t worker)>& task) {
  const std::lock_guard loop(impl_->loop_mutex);
  if (count <= 1 || impl_->threads.empty()) {
    for (size_t i = 0; i < count; ++i) {
      task(i, 0);
    }
    return;
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->task = &task;
    impl_->count = count;
    impl_->next.store(0);
    impl_->active = impl_->threads.size();
    ++impl_->generation;
  }
  impl_->wake.notify_all();
  impl_->Drain(task, count, 0);
  std::unique_lock lock(impl_->mutex);
  impl_->done.wait(lock, [&] { return impl_->active == 0; });
  impl_->task = nullptr;
}

}  // namespace podium
