// AVX2 fp32 attention; attention_f32-inl.h says how it works.
#include <cstddef>
#include <cstdint>

#include "kernels/attention_f32-inl.h"

namespace podium::kernels {

void AttentionF32Avx2(const AttentionArgs& args) noexcept {
  Attend(args, GemmMicroAvx2());
}

}  // namespace podium::kernels
