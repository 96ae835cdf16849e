#include "kernels/peak.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace podium::kernels {
namespace {

// A loop of one instruction.
struct Loop {
  void (*run)(size_t rounds, uint32_t operand) = nullptr;
  uint32_t operand = 0;   // in every lane of both factors
  double operations = 0;  // of a round
};

#if defined(PODIUM_KERNELS_X86)

// Sums: what any of the instruction sets has in registers beside the operand, and more than the two
// units times a latency of 4 to 6 cycles that must be in flight.
constexpr double kSums = 15;

// In assembly, because compilers move sums of dot products from one half of the registers to the
// other in each round, at a third of the speed. REQUIRES: rounds > 0.
#define PODIUM_PEAK_LOOP(name, instruction, registers)                                          \
  void name(size_t rounds, uint32_t operand) {                                                  \
    asm volatile(                                                                               \
        "vmovd %1, %%xmm0\n\t"                                                                  \
        "vpbroadcastd %%xmm0, %%" registers                                                     \
        "0\n\t"                                                                                 \
        ".irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"                         \
        "vmovaps %%" registers "0, %%" registers                                                \
        "\\r\n\t"                                                                               \
        ".endr\n"                                                                               \
        "1:\n\t"                                                                                \
        ".irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t" instruction             \
        " %%" registers "0, %%" registers "0, %%" registers                                     \
        "\\r\n\t"                                                                               \
        ".endr\n\t"                                                                             \
        "dec %0\n\t"                                                                            \
        "jnz 1b\n\t"                                                                            \
        "vzeroupper"                                                                            \
        : "+r"(rounds)                                                                          \
        : "r"(operand)                                                                          \
        : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
          "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                                \
  }

PODIUM_PEAK_LOOP(Fma256, "vfmadd231ps", "ymm")
PODIUM_PEAK_LOOP(Fma512, "vfmadd231ps", "zmm")
PODIUM_PEAK_LOOP(DotBf16, "vdpbf16ps", "zmm")
PODIUM_PEAK_LOOP(DotI8x256, "%{vex%} vpdpbusd", "ymm")
PODIUM_PEAK_LOOP(DotI8x512, "vpdpbusd", "zmm")

constexpr uint32_t kOneF32 = 0x3F800000;
constexpr uint32_t kOnesBf16 = 0x3F803F80;
constexpr uint32_t kOnesI8 = 0x01010101;

// Operations of a round: sums x lanes x products of a lane x 2.
constexpr Loop kFma256 = {Fma256, kOneF32, kSums * 8 * 2};
constexpr Loop kFma512 = {Fma512, kOneF32, kSums * 16 * 2};
constexpr Loop kDotBf16 = {DotBf16, kOnesBf16, kSums * 16 * 2 * 2};
constexpr Loop kDotI8x256 = {DotI8x256, kOnesI8, kSums * 8 * 4 * 2};
constexpr Loop kDotI8x512 = {DotI8x512, kOnesI8, kSums * 16 * 4 * 2};

Loop LoopOf(Isa isa, Numbers numbers) {
  if (numbers == Numbers::kF32) {
    return isa == Isa::kScalar ? Loop() : isa < Isa::kAvx512 ? kFma256 : kFma512;
  }
  if (numbers == Numbers::kI8) {
    return isa == Isa::kAvxVnni ? kDotI8x256 : isa >= Isa::kAvx512Vnni ? kDotI8x512 : Loop();
  }
  return isa >= Isa::kAvx512Bf16 ? kDotBf16 : Loop();
}

#else

Loop LoopOf(Isa /*isa*/, Numbers /*numbers*/) {
  return {};
}

#endif

}  // namespace

double PeakGops(const KernelTable& table, Numbers numbers) {
  constexpr size_t kRounds = 100'000;  // a fraction of a millisecond
  constexpr int kTries = 20;
  const Loop loop = LoopOf(table.isa, numbers);
  double best = 0;
  for (int i = 0; i < kTries && loop.run != nullptr; ++i) {
    const auto start = std::chrono::steady_clock::now();
    loop.run(kRounds, loop.operand);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, kRounds * loop.operations / seconds.count() * 1e-9);
  }
  return numbers == Numbers::kSplit ? best / 3 : best;
}

}  // namespace podium::kernels
