// AVX2 fp32 GEMM tile; gemm_f32.cc has the loops around it, vec_avx2-inl.h the tile's size and why,
// docs/kernels.md the measured share of the peak (BM_GemmF32).
//
// REQUIRES of what comes in: packed weights 64-byte aligned and padded to whole panels.
#include <cstddef>
#include <cstdint>

#include "kernels/gemm_f32-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

void Pack(const float* a, size_t lda, size_t rows, size_t k, float* out,
          size_t out_stride) noexcept {
  PackTransposed(a, lda, rows, k, out, out_stride);
}

void Finish(const GemmFinish& finish) noexcept {
  FinishTile(finish);
}

constexpr GemmMicroF32 kMicro = {
    .tile_rows = kTileRows,
    .panel_columns = 2 * kLanes,
    .pack_stride = kLanes,
    .pack = Pack,
    .tile = RunTile,
    .finish = Finish,
};

}  // namespace

const GemmMicroF32& GemmMicroAvx2() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
