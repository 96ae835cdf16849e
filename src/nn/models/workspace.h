// Memory for running blocks, kept between runs so that steady work allocates nothing.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "nn/layers/block.h"
#include "nn/ops/crew.h"

namespace podium::nn {

// What one worker needs to carry a block through a model.
struct Workspace {
  Activations act;
  AlignedBuffer<float> out;  // [sequences x outputs]
  Scratch scratch;
};

// Workspaces that are not in use. Thread-safe. Holds as many as were ever in use at once.
class WorkspacePool {
 public:
  // Gives its workspace back when it goes.
  class Lease {
   public:
    Lease() = default;
    Lease(WorkspacePool* pool, std::unique_ptr<Workspace> workspace)
        : pool_(pool), workspace_(std::move(workspace)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      if (workspace_ != nullptr) {
        pool_->Return(std::move(workspace_));
      }
    }

    explicit operator bool() const { return workspace_ != nullptr; }
    Workspace& operator*() const { return *workspace_; }
    Workspace* operator->() const { return workspace_.get(); }

   private:
    WorkspacePool* pool_ = nullptr;
    std::unique_ptr<Workspace> workspace_;
  };

  Lease Acquire() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      return {this, std::make_unique<Workspace>()};
    }
    std::unique_ptr<Workspace> workspace = std::move(free_.back());
    free_.pop_back();
    return {this, std::move(workspace)};
  }

 private:
  void Return(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(workspace));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

}  // namespace podium::nn
