// AVX-512 BF16 attention; attention_bf16-inl.h says how it works.
#include <cstddef>
#include <cstdint>

#include "kernels/attention_bf16-inl.h"

namespace podium::kernels {

void AttentionBf16Avx512Bf16(const AttentionBf16Args& args) noexcept {
  AttendBf16(args, GemmBf16MicroAvx512Bf16());
}

}  // namespace podium::kernels
