#include "nn/models/precision.h"

#include <array>
#include <utility>

#include "base/format.h"

namespace podium {

namespace {

constexpr std::array<std::pair<std::string_view, Precision>, 5> kPrecisions = {
    {{"auto", Precision::kAuto},
     {"fp32", Precision::kFp32},
     {"bf16", Precision::kBf16},
     {"bf16x3", Precision::kBf16x3},
     {"int8", Precision::kInt8}}};

}  // namespace

std::string_view PrecisionName(Precision precision) {
  for (const auto& [name, known] : kPrecisions) {
    if (known == precision) {
      return name;
    }
  }
  return "unknown";
}

std::optional<Precision> PrecisionFromName(std::string_view name) {
  for (const auto& [known, precision] : kPrecisions) {
    if (known == name) {
      return precision;
    }
  }
  return std::nullopt;
}

namespace nn {
namespace {

using kernels::Numbers;

Numbers NumbersOf(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
    case Precision::kFp32: return Numbers::kF32;
    case Precision::kBf16: return Numbers::kBf16;
    case Precision::kBf16x3: return Numbers::kSplit;
    case Precision::kInt8: return Numbers::kI8;
  }
  return Numbers::kF32;
}

}  // namespace

Result<PrecisionChoice> ChoosePrecision(Precision wanted, const kernels::KernelTable& table) {
  if (wanted == Precision::kAuto) {
    // The portable table multiplies bf16 to define it, not to gain by it.
    const bool fast = table.gemm_bf16 != nullptr && table.isa != kernels::Isa::kScalar;
    return PrecisionChoice{
        fast ? Precision::kBf16 : Precision::kFp32, fast ? Numbers::kBf16 : Numbers::kF32,
        fast ? Format("auto: the {} kernels multiply bf16 at least twice as fast as fp32",
                      table.name)
             : Format("auto: the {} kernels have no fast product in bf16", table.name)};
  }
  const Numbers numbers = NumbersOf(wanted);
  if (kernels::GemmFor(table, numbers) == nullptr) {
    return Unsupported(Format(
        "precision {}: the {} kernels of this CPU have no such product; take fp32, int8 or auto",
        PrecisionName(wanted), table.name));
  }
  return PrecisionChoice{wanted, numbers, "asked for"};
}

}  // namespace nn
}  // namespace podium
