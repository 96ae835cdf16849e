// The fastest multiply-add of AVX-VNNI; peak.cc takes its time.
#include <cstddef>
#include <cstdint>

#include "kernels/peak-inl.h"
#include "kernels/peak_internal.h"

namespace podium::kernels {

double PeakI8AvxVnni(size_t rounds) noexcept {
  const __m256i x = _mm256_set1_epi8(1);
  return RunPeak(rounds, 2 * 32, x,
                 [x](__m256i sum) PODIUM_VEC_LAMBDA { return _mm256_dpbusd_avx_epi32(sum, x, x); });
}

}  // namespace podium::kernels
