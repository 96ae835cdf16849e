// AVX2 int8 GEMM tile; gemm_reduced.cc has the loops around it.
#include <cstddef>
#include <cstdint>

#include "kernels/gemm_reduced-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

// Bytes become 16-bit integers, the even ones and the odd ones of 4 apart, for VPMADDWD: products
// and their sums are exact, where VPMADDUBSW would saturate.
struct Dot {
  using Sum = VecI;
  struct Pairs {
    VecI even;
    VecI odd;
  };
  using Weights = Pairs;
  using Row = Pairs;
  PODIUM_VEC_INLINE static Sum None() { return ZeroI(); }
  PODIUM_VEC_INLINE static Weights Prepare(VecI b) {
    return {{_mm256_srai_epi16(_mm256_slli_epi16(b.v, 8), 8)}, {_mm256_srai_epi16(b.v, 8)}};
  }
  PODIUM_VEC_INLINE static Row PrepareRow(const std::byte* a) {
    const VecI bytes = Repeat4(a);
    return {{_mm256_and_si256(bytes.v, _mm256_set1_epi16(0xFF))}, {_mm256_srli_epi16(bytes.v, 8)}};
  }
  PODIUM_VEC_INLINE static Sum Add(Sum sum, Row a, Weights b) {
    const VecI even = {_mm256_madd_epi16(a.even.v, b.even.v)};
    const VecI odd = {_mm256_madd_epi16(a.odd.v, b.odd.v)};
    return sum + even + odd;
  }
};

// 512 steps of a panel are 32 KiB: the L1 of most CPUs with AVX2.
constexpr size_t kBlockSteps = 512;
// Rows of a tile: 4 x 2 sums, 2 x 2 vectors of B, 2 of A and one product in flight are 15 of the 16
// registers.
constexpr size_t kRows = 4;

constexpr GemmMicroReduced kMicro = {
    .tile_rows = kRows,
    .panel_columns = kTileVectors * kLanes,
    .step_multiple = 1,
    .block_steps = kBlockSteps,
    .begin = nullptr,
    .end = nullptr,
    .tile = RunReducedTile<Dot, kRows>,
    .finish = FinishReduced,
};

}  // namespace

const GemmMicroReduced& GemmI8MicroAvx2() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
