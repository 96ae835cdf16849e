#include "kernels/kernels.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "base/format.h"
#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

// A product in reduced numbers: the loops of gemm_reduced.cc around the innermost part of one ISA.
template <const GemmMicroReduced& (*kMicro)() noexcept>
void Reduced(const GemmArgs& args) noexcept {
  GemmBlockedReduced(kMicro(), args);
}

constexpr KernelTable kScalarTable = {
    .isa = Isa::kScalar,
    .name = "scalar",
    .panel_columns = 16,
    .gemm_f32 = GemmF32Scalar,
    .gemm_bf16 = Reduced<GemmBf16MicroScalar>,
    .gemm_split = Reduced<GemmBf16MicroScalar>,
    .gemm_i8 = Reduced<GemmI8MicroScalar>,
    .attention_f32 = AttentionF32Scalar,
    .attention_bf16 = AttentionBf16Scalar,
    .convert = ConvertScalar,
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
    .gemm_bf16 = nullptr,
    .gemm_split = nullptr,
    .gemm_i8 = Reduced<GemmI8MicroAvx2>,
    .attention_f32 = AttentionF32Avx2,
    .attention_bf16 = nullptr,
    .convert = ConvertAvx2,
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
    .gemm_bf16 = nullptr,
    .gemm_split = nullptr,
    .gemm_i8 = Reduced<GemmI8MicroAvx512>,
    .attention_f32 = AttentionF32Avx512,
    .attention_bf16 = nullptr,
    .convert = ConvertAvx512,
    .layer_norm = LayerNormAvx512,
    .softmax = SoftmaxAvx512,
    .activate = ActivateAvx512,
    .add = AddAvx512,
    .dot = DotAvx512,
    .l2_normalize = L2NormalizeAvx512,
};

// The tables of instruction sets that add to another.

constexpr KernelTable kAvxVnniTable = [] {
  KernelTable table = kAvx2Table;
  table.isa = Isa::kAvxVnni;
  table.name = "avxvnni";
  table.gemm_i8 = Reduced<GemmI8MicroAvxVnni>;
  return table;
}();

constexpr KernelTable kAvx512VnniTable = [] {
  KernelTable table = kAvx512Table;
  table.isa = Isa::kAvx512Vnni;
  table.name = "avx512vnni";
  table.gemm_i8 = Reduced<GemmI8MicroAvx512Vnni>;
  return table;
}();

constexpr KernelTable kAvx512Bf16Table = [] {
  KernelTable table = kAvx512VnniTable;
  table.isa = Isa::kAvx512Bf16;
  table.name = "avx512bf16";
  table.gemm_bf16 = Reduced<GemmBf16MicroAvx512Bf16>;
  table.gemm_split = Reduced<GemmBf16MicroAvx512Bf16>;
  table.gemm_i8 = Reduced<GemmI8MicroAvx512Bf16>;
  table.attention_bf16 = AttentionBf16Avx512Bf16;
  table.convert = ConvertAvx512Bf16;
  table.layer_norm = LayerNormAvx512Bf16;
  return table;
}();

constexpr KernelTable kAmxTable = [] {
  KernelTable table = kAvx512Bf16Table;
  table.isa = Isa::kAmx;
  table.name = "amx";
  table.gemm_bf16 = Reduced<GemmBf16MicroAmx>;
  table.gemm_split = Reduced<GemmBf16MicroAmx>;
  table.gemm_i8 = Reduced<GemmI8MicroAmx>;
  table.attention_bf16 = AttentionBf16Amx;
  return table;
}();

constexpr const KernelTable* kAvx2 = &kAvx2Table;
constexpr const KernelTable* kAvxVnni = &kAvxVnniTable;
constexpr const KernelTable* kAvx512 = &kAvx512Table;
constexpr const KernelTable* kAvx512Vnni = &kAvx512VnniTable;
constexpr const KernelTable* kAvx512Bf16 = &kAvx512Bf16Table;
constexpr const KernelTable* kAmx = &kAmxTable;

#else

constexpr const KernelTable* kAvx2 = nullptr;
constexpr const KernelTable* kAvxVnni = nullptr;
constexpr const KernelTable* kAvx512 = nullptr;
constexpr const KernelTable* kAvx512Vnni = nullptr;
constexpr const KernelTable* kAvx512Bf16 = nullptr;
constexpr const KernelTable* kAmx = nullptr;

#endif

struct Entry {
  Isa isa;
  std::string_view name;     // for a table that this build lacks, too
  const KernelTable* table;  // null: not in this build
};

// Best first.
constexpr std::array<Entry, 7> kEntries = {{
    {Isa::kAmx, "amx", kAmx},
    {Isa::kAvx512Bf16, "avx512bf16", kAvx512Bf16},
    {Isa::kAvx512Vnni, "avx512vnni", kAvx512Vnni},
    {Isa::kAvx512, "avx512", kAvx512},
    {Isa::kAvxVnni, "avxvnni", kAvxVnni},
    {Isa::kAvx2, "avx2", kAvx2},
    {Isa::kScalar, "scalar", &kScalarTable},
}};

// "scalar, avx2, …", weakest first.
std::string IsaNames() {
  std::string names;
  for (auto entry = kEntries.rbegin(); entry != kEntries.rend(); ++entry) {
    names += names.empty() ? "" : ", ";
    names += entry->name;
  }
  return names;
}

}  // namespace

const KernelTable* TableFor(Isa isa) {
  for (const Entry& entry : kEntries) {
    if (entry.isa == isa && IsaSupported(isa)) {
      return entry.table;
    }
  }
  return nullptr;
}

std::string_view IsaName(Isa isa) {
  const auto* const entry = std::find_if(kEntries.begin(), kEntries.end(),
                                         [isa](const Entry& e) { return e.isa == isa; });
  return entry == kEntries.end() ? "unknown" : entry->name;
}

std::vector<const KernelTable*> AvailableKernels() {
  std::vector<const KernelTable*> tables;
  for (auto entry = kEntries.rbegin(); entry != kEntries.rend(); ++entry) {
    if (const KernelTable* table = TableFor(entry->isa); table != nullptr) {
      tables.push_back(table);
    }
  }
  return tables;
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
      Format("PODIUM_FORCE_ISA: expected one of {}, found \"{}\"", IsaNames(), forced));
}

Result<const KernelTable*> ActiveKernels() {
  static const Result<const KernelTable*> chosen = [] {
    const char* forced = std::getenv("PODIUM_FORCE_ISA");
    return ChooseKernels(forced == nullptr ? "" : forced);
  }();
  return chosen;
}

}  // namespace podium::kernels
