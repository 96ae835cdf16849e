// AVX-VNNI int8 GEMM tile; gemm_reduced.cc has the loops around it.
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
    return {_mm256_dpbusd_avx_epi32(sum.v, a.v, b.v)};
  }
};

// 512 steps of a panel are 32 KiB: the L1 of most CPUs with AVX2.
constexpr size_t kBlockSteps = 512;

constexpr GemmMicroReduced kMicro = {
    .tile_rows = kTileRows,
    .panel_columns = kTileVectors * kLanes,
    .step_multiple = 1,
    .block_steps = kBlockSteps,
    .begin = nullptr,
    .end = nullptr,
    .tile = RunReducedTile<Dot, kTileRows>,
    .finish = FinishReduced,
};

}  // namespace

const GemmMicroReduced& GemmI8MicroAvxVnni() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
