// Who works on a block of tokens: the worker that carries it, and those of the pool that have
// nothing else to do. Layers are written once against this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "nn/ops/stage_clock.h"

namespace podium::nn {

// Memory that one worker needs inside a kernel; reused from call to call.
struct Scratch {
  AlignedBuffer<std::byte> gemm{kernels::kGemmScratchBytes};
  AlignedBuffer<std::byte> attention;
  AlignedBuffer<float> bias;  // of one head, [T x T]
  StageClock clock;
};

class Crew {
 public:
  // For worker `worker` of a running loop of the pool. REQUIRES: one scratch per worker of the
  // pool, that outlive the crew.
  Crew(ThreadPool& pool, size_t worker, std::span<Scratch* const> scratch)
      : pool_(&pool), worker_(worker), scratch_(scratch) {}

  // Workers that can take part at this moment, this one included.
  size_t size() const { return pool_->idle() + 1; }

  // What is shared from now on is work of this stage.
  void Enter(Stage stage) { stage_ = stage; }

  // Calls work(begin, end, scratch) so that the ranges cover [0, count) and all begin at multiples
  // of `grain`; returns when all are done. Ranges may run at the same time. A grain should be work
  // for a microsecond or more, which is what it takes to meet.
  template <typename Work>
  void Share(size_t count, size_t grain, const Work& work) {
    const size_t units = (count + grain - 1) / grain;
    const size_t workers = size();
    const size_t parts = workers == 1 ? 1 : std::min(workers * kPartsPerWorker, units);
    if (parts <= 1) {
      Do(0, count, worker_, work);
      return;
    }
    pool_->Share(worker_, parts, [&](size_t index, size_t worker) {
      const size_t begin = units * index / parts * grain;
      const size_t end = std::min(count, units * (index + 1) / parts * grain);
      Do(begin, end, worker, work);
    });
  }

 private:
  // More parts than workers let the quick ones take over from the slow and the late, but each part
  // has costs of its own: a GEMM packs its rows again for each part of the columns.
  static constexpr size_t kPartsPerWorker = 2;

  template <typename Work>
  void Do(size_t begin, size_t end, size_t worker, const Work& work) const {
    Scratch& scratch = *scratch_[worker];
    const StageTimer timer(scratch.clock, stage_);
    work(begin, end, scratch);
  }

  Stage stage_ = Stage::kEmbed;
  ThreadPool* pool_;
  size_t worker_;
  std::span<Scratch* const> scratch_;
};

}  // namespace podium::nn
