// Who works on a block of tokens: one worker alone, or all workers of a pool together. Layers are
// written once against this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
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
  explicit Crew(Scratch& alone) : alone_(&alone) {}
  // REQUIRES: one scratch per worker of the pool, that outlive the crew; no loop of the pool is
  // running around it.
  Crew(ThreadPool& pool, std::span<Scratch* const> scratch) : pool_(&pool), scratch_(scratch) {}

  size_t size() const { return pool_ == nullptr ? 1 : pool_->size(); }

  // What is shared from now on is work of this stage.
  void Enter(Stage stage) { stage_ = stage; }

  // Calls work(begin, end, scratch) so that the ranges cover [0, count) and all begin at multiples
  // of `grain`; returns when all are done. Ranges may run at the same time.
  template <typename Work>
  void Share(size_t count, size_t grain, const Work& work) {
    if (pool_ == nullptr) {
      Do(0, count, *alone_, work);
      return;
    }
    const size_t units = (count + grain - 1) / grain;
    const size_t shares = std::min(pool_->size(), units);
    const auto part = [&](size_t index, size_t worker) {
      const size_t begin = units * index / shares * grain;
      const size_t end = std::min(count, units * (index + 1) / shares * grain);
      Do(begin, end, *scratch_[worker], work);
    };
    pool_->ParallelFor(shares, std::ref(part));
  }

 private:
  template <typename Work>
  void Do(size_t begin, size_t end, Scratch& scratch, const Work& work) const {
    const StageTimer timer(scratch.clock, stage_);
    work(begin, end, scratch);
  }

  Stage stage_ = Stage::kEmbed;
  Scratch* alone_ = nullptr;
  ThreadPool* pool_ = nullptr;
  std::span<Scratch* const> scratch_;
};

}  // namespace podium::nn
