// AMX int8 GEMM tile; gemm_amx-inl.h says how it works, gemm_reduced.cc has the loops around it.
#include "kernels/gemm_amx-inl.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr GemmMicroReduced kMicro = AmxMicro<DotI8>(FinishReducedAvx512Bf16);

}  // namespace

const GemmMicroReduced& GemmI8MicroAmx() noexcept {
  return kMicro;
}

}  // namespace podium::kernels
