// The module's front door: the kernel table for this machine.
#pragma once

#include <string_view>

#include "podium/status.h"

#include "kernels/isa.h"
#include "kernels/kernel_table.h"
#include "kernels/packed_matrix.h"

namespace podium::kernels {

// The table for `isa`, or null if this build or CPU lacks it. The scalar one always exists. Tables
// are constants that live as long as the program.
const KernelTable* TableFor(Isa isa);

// The best table that the CPU supports; or the one that `forced` names ("scalar", "avx2",
// "avx512"). InvalidArgument for another name, Unsupported if the CPU lacks it: never a silent
// fallback. An empty name counts as none.
Result<const KernelTable*> ChooseKernels(std::string_view forced);

// ChooseKernels of the environment variable PODIUM_FORCE_ISA, decided at the first call.
// Thread-safe.
Result<const KernelTable*> ActiveKernels();

}  // namespace podium::kernels
