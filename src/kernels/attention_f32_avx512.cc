// AVX-512 fp32 attention; attention_f32-inl.h says how it works.
#include <cstddef>
#include <cstdint>

#include "kernels/attention_f32-inl.h"

namespace podium::kernels {

void AttentionF32Avx512(const AttentionArgs& args) noexcept {
  Attend(args, GemmMicroAvx512());
}

}  // namespace podium::kernels
