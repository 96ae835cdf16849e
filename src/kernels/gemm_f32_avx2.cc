// AVX2 fp32 GEMM tile; gemm_f32.cc has the loops around it, vec_avx2-inl.h the tile's size and why,
// docs/kernels.md the measured share of the peak (BM_GemmF32).
//
// REQUIRES of what comes in: packed weights 64-byte aligned and padded to whole panels.
#include <cstddef>
#include <cstdint>

#include "kernels/gemm_f32-inl.h"
#include "kernels/kernels_internal.h"
#include "kernels/pack_f32-inl.h"

namespace podium::kernels {
namespace {

void Pack(const float* a, size_t lda, size_t rows, size_t k, float* out,
          size_t out_stride) noexcept {
  PackTransposed(a, lda, rows, k, out, out_stride);
}

void Finish(const GemmFinish& finish) noexcept {
  FinishTile(finish);
}

// A panel block of 512 x 16 floats is 32 KiB: all of the L1 of most CPUs with AVX2, where it is
// read by one tile of rows after another. The packed block of A, 128 x 512 floats in tiles of 6
// rows padded to 8, is 352 KiB: within the 512 KiB of L2 of recent cores.
constexpr size_t kBlockRows = 128;
constexpr size_t kBlockDepth = 512;
static_assert((kBlockRows / kTileRows + 1) * kLanes * kBlockDepth * sizeof(float) <=
              kGemmScratchBytes);

constexpr GemmMicroF32 kMicro = {
    .tile_rows = kTileRows,
    .panel_columns = 2 * kLanes,
    .pack_stride = kLanes,
    .block_rows = kBlockRows,
    .block_depth = kBlockDepth,
    .pack = Pack,
    .tile = RunTile,
    .finish = Finish,
};

}  // namespace

const GemmMicroF32& GemmMicroAvx2() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
