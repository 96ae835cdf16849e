// Objects that are costly to make and not in use at the moment.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace podium {

// Last in, first out, so that what is taken is what a cache may still hold. Holds as many as were
// ever in use at once. Thread-safe. Once that many were made, nothing here allocates.
template <typename T>
class FreeList {
 public:
  // One that was given back, or a new one.
  std::unique_ptr<T> Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      free_.reserve(++made_);  // so that Give has room for all
      return std::make_unique<T>();
    }
    std::unique_ptr<T> object = std::move(free_.back());
    free_.pop_back();
    return object;
  }

  // REQUIRES: `object` came from Take of this list.
  void Give(std::unique_ptr<T> object) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(object));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
  size_t made_ = 0;
};

}  // namespace podium
