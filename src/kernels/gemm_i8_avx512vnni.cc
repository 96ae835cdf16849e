// AVX-512 VNNI int8 GEMM tile; gemm_reduced.cc has the loops around it.
#include <cstddef>
#include <cstdint>

#include "kernels/gemm_reduced-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

struct Dot {
  using Sum = VecI;
  using Weights = VecI;
  using Row = VecI;
  PODIUM_VEC_INLINE static Sum None() { return ZeroI(); }
  PODIUM_VEC_INLINE static Weights Prepare(VecI b) { return b; }
  PODIUM_VEC_INLINE static Row PrepareRow(const std::byte* a) { return Repeat4(a); }
  PODIUM_VEC_INLINE static Sum Add(Sum sum, Row a, Weights b) {
    return {_mm512_dpbusd_epi32(sum.v, a.v, b.v)};
  }
};

// 256 steps of a panel are 32 KiB: two thirds of an L1 of 48 KiB, where they are read by one tile
// of rows after another.
constexpr size_t kBlockSteps = 256;

constexpr GemmMicroReduced kMicro = {
    .tile_rows = kTileRows,
    .panel_columns = kTileVectors * kLanes,
    .step_multiple = 1,
    .block_steps = kBlockSteps,
    .begin = nullptr,
    .end = nullptr,
    .tile = TileI8Avx512Vnni,
    .finish = FinishReduced,
};

}  // namespace

void TileI8Avx512Vnni(const ReducedTile& tile) noexcept {
  RunReducedTile<Dot, kTileRows>(tile);
}

const GemmMicroReduced& GemmI8MicroAvx512Vnni() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
