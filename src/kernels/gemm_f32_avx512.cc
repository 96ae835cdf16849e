// AVX-512 fp32 GEMM tile; gemm_f32.cc has the loops around it, vec_avx512-inl.h the tile's size and
// why, docs/kernels.md the measured share of the peak (BM_GemmF32).
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

// A panel block of 384 x 32 floats is 48 KiB. It does not quite stay in an L1 of that size, but per
// step of k a tile asks L2 for 128 bytes in 14 cycles, a fifth of what it delivers; and with 384
// (half or a whole of the k of most models) C is read and written less often than with 256: 5 %
// faster for n >= 3072. The packed block of A, 128 x 384 floats in tiles of 13 rows padded to 16,
// is 240 KiB; it stays in L2 (1 or 2 MiB) beside the block of C.
constexpr size_t kBlockRows = 128;
constexpr size_t kBlockDepth = 384;
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

const GemmMicroF32& GemmMicroAvx512() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
