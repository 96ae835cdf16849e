// Counts what a program allocates with new, by replacing the global operators: include this in one
// source of a test program only. malloc itself is not counted; containers do not call it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace podium {

inline std::atomic<size_t> allocations_made{0};
inline std::atomic<size_t> bytes_allocated{0};

// Allocations of all threads while `work` ran.
template <typename Work>
size_t CountAllocations(const Work& work) {
  const size_t before = allocations_made;
  work();
  return allocations_made - before;
}

inline void* CountedNew(std::size_t bytes, std::size_t alignment) {
  allocations_made.fetch_add(1, std::memory_order_relaxed);
  bytes_allocated.fetch_add(bytes, std::memory_order_relaxed);
  // aligned_alloc wants a multiple of the alignment.
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace podium

// Not inlined, since GCC would then see free called on what operator new gave, and warn.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return podium::CountedNew(bytes, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return podium::CountedNew(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/,
                                       std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
