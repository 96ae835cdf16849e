// AVX-512 BF16 GEMM tile; gemm_reduced.cc has the loops around it.
#include <cstddef>
#include <cstdint>

#include "kernels/gemm_reduced-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

struct Dot {
  using Sum = Vec;
  using Weights = VecI;
  using Row = VecI;
  PODIUM_VEC_INLINE static Sum None() { return Zero(); }
  PODIUM_VEC_INLINE static Weights Prepare(VecI b) { return b; }
  PODIUM_VEC_INLINE static Row PrepareRow(const std::byte* a) { return Repeat4(a); }
  PODIUM_VEC_INLINE static Sum Add(Sum sum, Row a, Weights b) {
    return {
        _mm512_dpbf16_ps(sum.v, reinterpret_cast<__m512bh>(a.v), reinterpret_cast<__m512bh>(b.v))};
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
    .tile = RunReducedTile<Dot, kTileRows>,
    .finish = FinishReduced,
};

// The tile of gemm_i8_avx512vnni.cc, with results in bf16.
constexpr GemmMicroReduced kI8Micro = {
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

void FinishReducedAvx512Bf16(const ReducedFinish& finish) noexcept {
  FinishReduced(finish);
}

const GemmMicroReduced& GemmI8MicroAvx512Bf16() noexcept {
  return kI8Micro;
}

const GemmMicroReduced& GemmBf16MicroAvx512Bf16() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
