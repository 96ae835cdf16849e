// Row kernels that deliver bf16; layer_norm-inl.h and convert-inl.h have the loops.
#include <cstddef>
#include <cstdint>

#include "kernels/convert-inl.h"
#include "kernels/layer_norm-inl.h"

namespace podium::kernels {

void LayerNormAvx512Bf16(const LayerNormArgs& args) noexcept {
  LayerNormRows(args);
}

void ConvertAvx512Bf16(const ConvertArgs& args) noexcept {
  ConvertRows(args);
}

}  // namespace podium::kernels
