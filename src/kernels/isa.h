// Asks the CPU what it can do. Nothing else in Podium does.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/kernel_table.h"

namespace podium::kernels {

// True if this build has kernels for `isa` and both the CPU and the operating system support it.
// Linux saves tiles at a switch of threads only for processes that have asked it to: the first call
// does so, for all threads of the process, before anything can use a tile.
bool IsaSupported(Isa isa);

// The CPU's own name, and what it has of the extensions that matter here:
// "Intel(R) Xeon(R) Processor; avx2 fma avx512f avx512_vnni avx512_bf16". Tiles that the CPU has
// but the process may not use are "amx_bf16 (not permitted by the system)".
std::string CpuDescription();

// What there is to tiles, apart so that a test can play CPU and system.
struct TileSupport {
  bool amx_bf16 = false;  // by CPUID, both with amx_tile
  bool amx_int8 = false;
  bool permitted = false;  // if there are any

  // `states`: XCR0. `ask` has the system's permission, and is called only where it would help.
  static TileSupport Find(bool amx_tile, bool amx_bf16, bool amx_int8, uint64_t states,
                          bool (*ask)());
  bool usable() const { return permitted && amx_bf16 && amx_int8; }
  std::string Description() const;  // "", " amx_bf16 amx_int8"
};

}  // namespace podium::kernels
