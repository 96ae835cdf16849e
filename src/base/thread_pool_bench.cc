// What it costs that workers meet: a loop with nothing in it.
//
// BM_Share/<threads>: from within a task, one part for each worker; all workers idle and awake.
// BM_ParallelFor/<threads>/<pause>: from outside, after `pause` microseconds of other work: after a
// long one the workers sleep.
#include <atomic>
#include <chrono>

#include <benchmark/benchmark.h>

#include "base/thread_pool.h"

namespace podium {
namespace {

void BM_Share(benchmark::State& state) {
  ThreadPool pool(static_cast<size_t>(state.range(0)));
  std::atomic<size_t> parts{0};
  pool.ParallelFor(1, [&](size_t, size_t worker) {
    for (auto _ : state) {
      pool.Share(worker, pool.size(), [&](size_t, size_t) { ++parts; });
    }
  });
  if (parts != static_cast<size_t>(state.iterations()) * pool.size()) {
    state.SkipWithError("parts were lost");
  }
}
BENCHMARK(BM_Share)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

void BM_ParallelFor(benchmark::State& state) {
  ThreadPool pool(static_cast<size_t>(state.range(0)));
  const std::chrono::microseconds pause(state.range(1));
  std::atomic<size_t> tasks{0};
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < begin + pause) {
    }
    const auto end = std::chrono::steady_clock::now();
    pool.ParallelFor(pool.size(), [&](size_t, size_t) { ++tasks; });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - end;
    state.SetIterationTime(taken.count());
  }
  if (tasks != static_cast<size_t>(state.iterations()) * pool.size()) {
    state.SkipWithError("tasks were lost");
  }
}
BENCHMARK(BM_ParallelFor)
    ->ArgNames({"threads", "pause"})
    ->Args({1, 0})
    ->Args({2, 0})
    ->Args({2, 20})
    ->Args({2, 1000})
    ->UseManualTime();

}  // namespace
}  // namespace podium
