// Rearranging rows for the tiles of gemm_f32-inl.h, in terms of Vec. Everything is private to the
// including file.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// out[p * out_stride + r] = a[r * lda + p] for r < rows and p < k; zero for rows <= r < kLanes.
// REQUIRES: rows <= kLanes <= out_stride.
void PackTransposed(const float* a, size_t lda, size_t rows, size_t k, float* out,
                    size_t out_stride) {
  for (size_t p = 0; p < k; p += kLanes) {
    const size_t depth = k - p < kLanes ? k - p : kLanes;
    Vec block[kLanes];
    PODIUM_UNROLL
    for (size_t r = 0; r < kLanes; ++r) {
      block[r] = r < rows ? LoadFirst(a + r * lda + p, depth) : Zero();
    }
    Transpose(block);
    for (size_t i = 0; i < depth; ++i) {
      Store(out + (p + i) * out_stride, block[i]);
    }
  }
}

}  // namespace
}  // namespace podium::kernels
