#include "kernels/kernels.h"

#include <array>
#include <cstdlib>
#include <string>

#include "base/format.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr KernelTable kScalarTable = {
    .isa = Isa::kScalar,
    .name = "scalar",
    .panel_columns = 16,
    .gemm_f32 = GemmF32Scalar,
    .attention_f32 = AttentionF32Scalar,
    .layer_norm = LayerNormScalar,
    .softmax = SoftmaxScalar,
    .activate = ActivateScalar,
    .add = AddScalar,
    .dot = DotScalar,
    .l2_normalize = L2NormalizeScalar,
};

struct Entry {
  Isa isa;
  std::string_view name;
  const KernelTable* table;  // null: not in this build
};

// Best first.
constexpr std::array<Entry, 3> kEntries = {{
    {Isa::kAvx512, "avx512", nullptr},
    {Isa::kAvx2, "avx2", nullptr},
    {Isa::kScalar, "scalar", &kScalarTable},
}};

}  // namespace

const KernelTable* TableFor(Isa isa) {
  for (const Entry& entry : kEntries) {
    if (entry.isa == isa && IsaSupported(isa)) {
      return entry.table;
    }
  }
  return nullptr;
}

Result<const KernelTable*> ChooseKernels(std::string_view forced) {
  for (const Entry& entry : kEntries) {
    const KernelTable* table = TableFor(entry.isa);
    if (forced.empty()) {
      if (table != nullptr) {
        return table;
      }
    } else if (forced == entry.name) {
      if (table == nullptr) {
        return Unsupported(Format("PODIUM_FORCE_ISA={}: this CPU or build lacks it ({})", forced,
                                  CpuDescription()));
      }
      return table;
    }
  }
  return InvalidArgument(
      Format("PODIUM_FORCE_ISA: expected scalar, avx2 or avx512, found \"{}\"", forced));
}

Result<const KernelTable*> ActiveKernels() {
  static const Result<const KernelTable*> kChosen = [] {
    const char* forced = std::getenv("PODIUM_FORCE_ISA");
    return ChooseKernels(forced == nullptr ? "" : forced);
  }();
  return kChosen;
}

}  // namespace podium::kernels
