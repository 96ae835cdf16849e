// A fixed set of threads that run parallel loops. Passed in where it is needed; there is no global
// pool.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace podium {

// Threads that wait for loops to run. The calling thread always works too, so ThreadPool(1) starts
// no thread at all. ParallelFor may be called from several threads; the loops then run one after
// another.
class ThreadPool {
 public:
  // `threads` workers in all, the caller included; 0 means one per CPU that this process may use.
  explicit ThreadPool(size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t size() const;

  // Calls task(index, worker) for every index in [0, count), each once, on up to size() workers at
  // a time, and returns when all are done. worker < size() names the worker, for per-worker
  // scratch. Indices are handed out in ascending order. REQUIRES: task does not throw and does not
  // call ParallelFor of the same pool.
  void ParallelFor(size_t count, const std::function<void(size_t index, size_t worker)>& task);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// CPUs that this process may run on (its affinity mask), at least 1.
size_t AvailableCpus();

}  // namespace podium
