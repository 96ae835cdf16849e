// The fastest multiply-adds of AVX-512 (F, BW); peak.cc takes their time.
#include <cstddef>
#include <cstdint>

#include "kernels/peak-inl.h"
#include "kernels/peak_internal.h"

namespace podium::kernels {

double PeakF32Avx512(size_t rounds) noexcept {
  const __m512 x = _mm512_set1_ps(0.5F);
  return RunPeak(rounds, 2 * 16, x,
                 [x](__m512 sum) PODIUM_VEC_LAMBDA { return _mm512_fmadd_ps(sum, x, x); });
}

// 32 products of 16-bit integers, summed in pairs, and 16 sums of those.
double PeakI8Avx512(size_t rounds) noexcept {
  __m512i x = _mm512_set1_epi16(1);
  return RunPeak(rounds, 2 * 32, x, [&x](__m512i sum) PODIUM_VEC_LAMBDA {
    Touch(x);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(x, x));
  });
}

}  // namespace podium::kernels
