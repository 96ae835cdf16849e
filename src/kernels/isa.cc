#include "kernels/isa.h"

#if defined(PODIUM_KERNELS_X86)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace podium::kernels {
namespace {

#if defined(PODIUM_KERNELS_X86)

struct Registers {
  uint32_t eax = 0;
  uint32_t ebx = 0;
  uint32_t ecx = 0;
  uint32_t edx = 0;
};

Registers Cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) {
    return {};
  }
  return r;
}

bool Bit(uint32_t value, int bit) {
  return ((value >> bit) & 1U) != 0;
}

// XCR0: which register states the operating system saves at a switch of threads.
uint64_t EnabledStates() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
}

// Linux (5.16 and later): arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA). It refuses a process
// that has an alternative signal stack too small for tiles.
bool AskForTiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

// Bit numbers: Intel SDM volume 2A, CPUID; XCR0 bits: volume 1, 13.3.
struct Features {
  Registers leaf1 = Cpuid(1, 0);
  Registers leaf7 = Cpuid(7, 0);
  Registers leaf7_1 = Cpuid(7, 1);  // zeros where the CPU has no such leaf
  uint64_t states = Bit(leaf1.ecx, 27) ? EnabledStates() : 0;  // bit 27: OSXSAVE
  bool ymm = (states & 0x6) == 0x6;                            // SSE, AVX
  bool zmm = (states & 0xE6) == 0xE6;                          // and opmask, both ZMM halves
  bool fma = ymm && Bit(leaf1.ecx, 12);
  bool avx2 = ymm && Bit(leaf1.ecx, 28) && Bit(leaf7.ebx, 5);
  bool avx512f = zmm && Bit(leaf7.ebx, 16);
  bool avx512dq = zmm && Bit(leaf7.ebx, 17);
  bool avx512bw = zmm && Bit(leaf7.ebx, 30);
  bool avx512vl = zmm && Bit(leaf7.ebx, 31);
  bool avx512_vnni = zmm && Bit(leaf7.ecx, 11);
  bool avx_vnni = ymm && Bit(leaf7_1.eax, 4);
  bool avx512_bf16 = zmm && Bit(leaf7_1.eax, 5);
  TileSupport tiles = TileSupport::Find(Bit(leaf7.edx, 24), Bit(leaf7.edx, 22), Bit(leaf7.edx, 25),
                                        states, AskForTiles);
};

const Features& Cpu() {
  static const Features features;
  return features;
}

std::string BrandString() {
  char text[49] = {};
  for (uint32_t i = 0; i < 3; ++i) {
    const Registers r = Cpuid(0x80000002U + i, 0);
    std::memcpy(text + 16 * i, &r, 16);
  }
  const std::string_view brand(text);
  const size_t begin = brand.find_first_not_of(' ');
  const size_t end = brand.find_last_not_of(' ');
  return begin == std::string_view::npos ? "x86-64"
                                         : std::string(brand.substr(begin, end - begin + 1));
}

#endif

}  // namespace

TileSupport TileSupport::Find(bool amx_tile, bool amx_bf16, bool amx_int8, uint64_t states,
                              bool (*ask)()) {
  constexpr uint64_t kTileStates = uint64_t{3} << 17;  // XCR0: configuration, data
  TileSupport found = {.amx_bf16 = amx_tile && amx_bf16, .amx_int8 = amx_tile && amx_int8};
  const bool any = found.amx_bf16 || found.amx_int8;
  found.permitted = any && (states & kTileStates) == kTileStates && ask();
  return found;
}

std::string TileSupport::Description() const {
  const std::string refused = permitted ? "" : " (not permitted by the system)";
  return (amx_bf16 ? " amx_bf16" + refused : "") + (amx_int8 ? " amx_int8" + refused : "");
}

#if defined(PODIUM_KERNELS_X86)

bool IsaSupported(Isa isa) {
  const Features& cpu = Cpu();
  const bool avx2 = cpu.avx2 && cpu.fma;
  const bool avx512 = avx2 && cpu.avx512f && cpu.avx512dq && cpu.avx512bw && cpu.avx512vl;
  const bool avx512_bf16 = avx512 && cpu.avx512_vnni && cpu.avx512_bf16;
  switch (isa) {
    case Isa::kScalar: return true;
    case Isa::kAvx2: return avx2;
    case Isa::kAvxVnni: return avx2 && cpu.avx_vnni;
    case Isa::kAvx512: return avx512;
    case Isa::kAvx512Vnni: return avx512 && cpu.avx512_vnni;
    case Isa::kAvx512Bf16: return avx512_bf16;
    case Isa::kAmx: return avx512_bf16 && cpu.tiles.usable();
  }
  return false;
}

std::string CpuDescription() {
  const Features& cpu = Cpu();
  std::string text = BrandString() + ";";
  const auto append = [&text](bool has, const char* name) {
    if (has) {
      text += ' ';
      text += name;
    }
  };
  append(cpu.avx2, "avx2");
  append(cpu.fma, "fma");
  append(cpu.avx_vnni, "avx_vnni");
  append(cpu.avx512f, "avx512f");
  append(cpu.avx512bw, "avx512bw");
  append(cpu.avx512_vnni, "avx512_vnni");
  append(cpu.avx512_bf16, "avx512_bf16");
  return text + cpu.tiles.Description();
}

#else

bool IsaSupported(Isa isa) {
  return isa == Isa::kScalar;
}

std::string CpuDescription() {
  return "a CPU without kernels of its own; portable code";
}

#endif

}  // namespace podium::kernels
