// Asks the CPU what it can do. Nothing else in Podium does.
#pragma once

#include <string>

#include "kernels/kernel_table.h"

namespace podium::kernels {

// True if this build has kernels for `isa` and both the CPU and the operating system support it.
bool IsaSupported(Isa isa);

// The CPU's own name, and what it has of the extensions that matter here:
// "Intel(R) Xeon(R) Processor; avx2 fma avx512f avx512_vnni avx512_bf16".
std::string CpuDescription();

}  // namespace podium::kernels
