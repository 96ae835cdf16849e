// The fastest multiply-adds of AVX2; peak.cc takes their time.
#include <cstddef>
#include <cstdint>

#include "kernels/peak-inl.h"
#include "kernels/peak_internal.h"

namespace podium::kernels {

double PeakF32Avx2(size_t rounds) noexcept {
  const __m256 x = _mm256_set1_ps(0.5F);
  return RunPeak(rounds, 2 * 8, x,
                 [x](__m256 sum) PODIUM_VEC_LAMBDA { return _mm256_fmadd_ps(sum, x, x); });
}

// 16 products of 16-bit integers, summed in pairs, and 8 sums of those.
double PeakI8Avx2(size_t rounds) noexcept {
  __m256i x = _mm256_set1_epi16(1);
  return RunPeak(rounds, 2 * 16, x, [&x](__m256i sum) PODIUM_VEC_LAMBDA {
    Touch(x);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, x));
  });
}

}  // namespace podium::kernels
