// Private: the loops of the per-ISA files that peak.cc takes the time of.
#pragma once

#include <cstddef>

namespace podium::kernels {

// `rounds` times a fixed number of independent multiply-adds in registers. Returns how many
// operations that were: multiplications and additions, counted apart.
using PeakLoop = double (*)(size_t rounds) noexcept;

#if defined(PODIUM_KERNELS_X86)
double PeakF32Avx2(size_t rounds) noexcept;
double PeakI8Avx2(size_t rounds) noexcept;
double PeakI8AvxVnni(size_t rounds) noexcept;
double PeakF32Avx512(size_t rounds) noexcept;
double PeakI8Avx512(size_t rounds) noexcept;
double PeakI8Avx512Vnni(size_t rounds) noexcept;
double PeakBf16Avx512Bf16(size_t rounds) noexcept;
double PeakBf16Amx(size_t rounds) noexcept;
double PeakI8Amx(size_t rounds) noexcept;
#endif

}  // namespace podium::kernels
