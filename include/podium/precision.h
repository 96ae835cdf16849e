// How a model multiplies matrices: speed against exactness.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace podium {

// Sums, norms, softmax and residuals are float whichever is chosen.
enum class Precision : uint8_t {
  kAuto,    // bf16 where the CPU multiplies it at hardware speed, else fp32
  kFp32,    // the reference's scores, up to the order of sums
  kBf16,    // operands rounded to bfloat16
  kBf16x3,  // operands as sums of two bfloat16, three products for one: nearly fp32's scores
  kInt8,    // weights rounded per output, activations per token
};

// "auto", "fp32", "bf16", "bf16x3", "int8".
std::string_view PrecisionName(Precision precision);
std::optional<Precision> PrecisionFromName(std::string_view name);

}  // namespace podium
