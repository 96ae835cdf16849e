#include "kernels/peak.h"

#include <algorithm>
#include <chrono>

#include "kernels/packed_matrix.h"
#include "kernels/peak_internal.h"

namespace podium::kernels {
namespace {

struct Instruction {
  const char* name = "";
  PeakLoop loop = nullptr;
};

#if defined(PODIUM_KERNELS_X86)

Instruction InstructionFor(Isa isa, Numbers numbers) {
  const bool wide = isa >= Isa::kAvx512;
  switch (numbers) {
    case Numbers::kF32:
      return wide ? Instruction{"VFMADD (ZMM)", PeakF32Avx512}
                  : Instruction{"VFMADD (YMM)", PeakF32Avx2};
    case Numbers::kBf16:
    case Numbers::kSplit:
      return isa == Isa::kAmx ? Instruction{"TDPBF16PS", PeakBf16Amx}
                              : Instruction{"VDPBF16PS (ZMM)", PeakBf16Avx512Bf16};
    case Numbers::kI8: break;
  }
  switch (isa) {
    case Isa::kScalar: break;
    case Isa::kAvx2: return {"VPMADDWD, VPADDD (YMM)", PeakI8Avx2};
    case Isa::kAvxVnni: return {"VPDPBUSD (YMM)", PeakI8AvxVnni};
    case Isa::kAvx512: return {"VPMADDWD, VPADDD (ZMM)", PeakI8Avx512};
    case Isa::kAvx512Vnni:
    case Isa::kAvx512Bf16: return {"VPDPBUSD (ZMM)", PeakI8Avx512Vnni};
    case Isa::kAmx: return {"TDPBUSD", PeakI8Amx};
  }
  return {};
}

#else

Instruction InstructionFor(Isa /*isa*/, Numbers /*numbers*/) {
  return {};
}

#endif

}  // namespace

Peak MeasurePeak(const KernelTable& table, Numbers numbers) {
  if (table.isa == Isa::kScalar || GemmFor(table, numbers) == nullptr) {
    return {};
  }
  const Instruction instruction = InstructionFor(table.isa, numbers);
  if (instruction.loop == nullptr) {
    return {};
  }
  // Between a tenth of a millisecond and two, from tiles to slow clocks; the tries outlast a core's
  // way up to full clock, and the best of them what other programs take.
  constexpr size_t kRounds = 100'000;
  constexpr auto kTime = std::chrono::milliseconds(30);
  using Clock = std::chrono::steady_clock;
  double best = 0;
  const Clock::time_point end = Clock::now() + kTime;
  for (Clock::time_point start = Clock::now(); start < end;) {
    const double operations = instruction.loop(kRounds);
    const Clock::time_point now = Clock::now();
    best = std::max(best, operations / std::chrono::duration<double>(now - start).count());
    start = now;
  }
  constexpr double kProductsOfSplit = 3;
  return {best * 1e-9 / (numbers == Numbers::kSplit ? kProductsOfSplit : 1), instruction.name};
}

}  // namespace podium::kernels
