// Memory that a test has handed to a kernel, so that an emulated instruction can say whether what
// it touches is there: to the byte, where a sanitizer or a guard page knows the end alone. For
// tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "base/aligned_buffer.h"

namespace podium::kernels {

// Registers [begin, begin + bytes) while it lives. Move-only; for a test of one thread.
class ExposedMemory {
 public:
  ExposedMemory() = default;
  ExposedMemory(const void* begin, size_t bytes) : begin_(reinterpret_cast<uintptr_t>(begin)) {
    if (begin_ != 0) {
      Regions()[begin_] = bytes;
    }
  }
  ~ExposedMemory() { Regions().erase(begin_); }
  ExposedMemory(ExposedMemory&& other) noexcept : begin_(std::exchange(other.begin_, 0)) {}
  ExposedMemory& operator=(ExposedMemory&& other) noexcept {
    std::swap(begin_, other.begin_);
    return *this;
  }
  ExposedMemory(const ExposedMemory&) = delete;
  ExposedMemory& operator=(const ExposedMemory&) = delete;

  // Whether all of it lies in one region.
  static bool Covers(const void* begin, size_t bytes) {
    const auto at = reinterpret_cast<uintptr_t>(begin);
    auto region = Regions().upper_bound(at);
    if (region == Regions().begin()) {
      return false;
    }
    --region;
    const uintptr_t offset = at - region->first;
    return offset <= region->second && bytes <= region->second - offset;
  }

 private:
  static std::map<uintptr_t, size_t>& Regions() {
    static std::map<uintptr_t, size_t> regions;
    return regions;
  }

  uintptr_t begin_ = 0;
};

// An AlignedBuffer that is exposed.
template <typename T>
class ExposedBuffer : public AlignedBuffer<T> {
 public:
  ExposedBuffer() = default;
  explicit ExposedBuffer(size_t size)
      : AlignedBuffer<T>(size), memory_(this->data(), size * sizeof(T)) {}

 private:
  ExposedMemory memory_;
};

}  // namespace podium::kernels
