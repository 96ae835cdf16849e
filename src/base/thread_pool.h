// A fixed set of threads that run parallel loops. Passed in where it is needed; there is no global
// pool.
#pragma once

#include <cstddef>
#include <memory>

#include "base/function_ref.h"

namespace podium {

// Threads that wait for loops to run. The calling thread always works too, so ThreadPool(1) starts
// no thread at all. Two levels of loops share the work between the workers:
//
//   ParallelFor   from outside: independent tasks, each for the worker that is free next
//   Share         from within such a task: parts of the work at hand, for those that have no task
//
// so that all workers are busy whether there are more tasks than workers, fewer, or one that is
// left over at the end. Nothing here allocates memory once the pool stands. An idle pool sleeps; a
// worker that has just run out of work looks out for more for some microseconds before it does, so
// that loops in quick succession meet their helpers awake.
//
// ParallelFor may be called from several threads; the loops then run one after another.
class ThreadPool {
 public:
  // task(index, worker): worker < size() names the thread, for memory of its own. It does not
  // throw.
  using Task = FunctionRef<void(size_t index, size_t worker)>;

  // `threads` workers in all, the caller included; 0 means one per CPU that this process may use.
  explicit ThreadPool(size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t size() const;

  // Calls task(index, worker) for every index in [0, count), each once, on up to size() workers at
  // a time, and returns when all are done. Indices are handed out in ascending order. REQUIRES: not
  // called from within a task of the same pool.
  void ParallelFor(size_t count, Task task);

  // The same from within a task of ParallelFor, by its worker `worker`: workers that have no task
  // of their own help. Not waiting for helpers to turn up, it costs about a microsecond more than
  // the plain loop that it is when there are none. REQUIRES: not called from within a task of
  // Share.
  void Share(size_t worker, size_t count, Task task);

  // Workers that have no task of ParallelFor at this moment, which may be over when it returns: for
  // deciding into how many parts to divide work.
  size_t idle() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// CPUs that this process may run on (its affinity mask), at least 1.
size_t AvailableCpus();

}  // namespace podium
