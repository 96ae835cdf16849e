// AMX bf16 attention: both products on tiles, the softmax between them in vectors.
// attention_bf16-inl.h says how it works, docs/kernels.md which part takes the time.
#include "kernels/attention_bf16-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {

void AttentionBf16Amx(const AttentionBf16Args& args) noexcept {
  AttendBf16(args, GemmBf16MicroAmx());
}

}  // namespace podium::kernels
