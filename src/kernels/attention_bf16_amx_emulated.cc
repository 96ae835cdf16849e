// The AMX attention with an emulated tile unit under its products, for amx_emulation_test.cc. The
// softmax between them is in AVX-512.
#include "kernels/attention_bf16-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {

const GemmMicroReduced& GemmBf16MicroAmxEmulated() noexcept;
void AttentionBf16AmxEmulated(const AttentionBf16Args& args) noexcept;

void AttentionBf16AmxEmulated(const AttentionBf16Args& args) noexcept {
  AttendBf16(args, GemmBf16MicroAmxEmulated());
}

}  // namespace podium::kernels
