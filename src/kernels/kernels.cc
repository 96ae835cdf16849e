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

#if defined(PODIUM_KERNELS_X86)

constexpr KernelTable kAvx2Table = {
    .isa = Isa::kAvx2,
    .name = "avx2",
    .panel_columns = 16,
    .gemm_f32 = [](const GemmArgs& args) noexcept { GemmBlockedF32(GemmMicroAvx2(), args); },
    .attention_f32 = AttentionF32Avx2,
    .layer_norm = LayerNormAvx2,
    .softmax = SoftmaxAvx2,
    .activate = ActivateAvx2,
    .add = AddAvx2,
    .dot = DotAvx2,
    .l2_normalize = L2NormalizeAvx2,
};

constexpr KernelTable kAvx512Table = {
    .isa = Isa::kAvx512,
    .name = "avx512",
    .panel_columns = 32,
    .gemm_f32 = [](const GemmArgs& args) noexcept { GemmBlockedF32(GemmMicroAvx512(), args); },
    .attention_f32 = AttentionF32Avx512,
    .layer_norm = LayerNormAvx512,
    .softmax = SoftmaxAvx512,
    .activate = ActivateAvx512,
    .add = AddAvx512,
    .dot = DotAvx512,
    .l2_normalize = L2NormalizeAvx512,
};

constexpr const KernelTable* kAvx2 = &kAvx2Table;
constexpr const KernelTable* kAvx512 = &kAvx512Table;

#else

constexpr const KernelTable* kAvx2 = nullptr;
constexpr const KernelTable* kAvx512 = nullptr;

#endif

struct Entry {
  Isa isa;
  std::string_view name;
  const KernelTable* table;  // null: not in this build
};

// Best first.
constexpr std::array<Entry, 3> kEntries = {{
    {Isa::kAvx512, "avx512", kAvx512},
    {Isa::kAvx2, "avx2", kAvx2},
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
  static const Result<const KernelTable*> chosen = [] {
    const char* forced = std::getenv("PODIUM_FORCE_ISA");
    return ChooseKernels(forced == nullptr ? "" : forced);
  }();
  return chosen;
}

}  // namespace podium::kernels
