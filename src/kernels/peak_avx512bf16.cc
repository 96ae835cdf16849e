// The fastest multiply-add of AVX-512 BF16; peak.cc takes its time.
#include <cstddef>
#include <cstdint>

#include "kernels/peak-inl.h"
#include "kernels/peak_internal.h"

namespace podium::kernels {

double PeakBf16Avx512Bf16(size_t rounds) noexcept {
  constexpr int16_t kHalf = 0x3F00;  // 0.5 in bf16
  const auto x = reinterpret_cast<__m512bh>(_mm512_set1_epi16(kHalf));
  return RunPeak(rounds, 2 * 32, _mm512_setzero_ps(),
                 [x](__m512 sum) PODIUM_VEC_LAMBDA { return _mm512_dpbf16_ps(sum, x, x); });
}

}  // namespace podium::kernels
