// The module's front door: the kernel table for this machine.
#pragma once

#include <string_view>
#include <vector>

#include "podium/status.h"

#include "kernels/isa.h"
#include "kernels/kernel_table.h"
#include "kernels/packed_matrix.h"

namespace podium::kernels {

// The table for `isa`, or null if this build or CPU lacks it. The scalar one always exists. Tables
// are constants that live as long as the program.
const KernelTable* TableFor(Isa isa);

// "scalar", "avx2", …: what PODIUM_FORCE_ISA takes.
std::string_view IsaName(Isa isa);

// All tables that this build and CPU have, weakest first.
std::vector<const KernelTable*> AvailableKernels();

// The best table that the CPU supports; or the one that `forced` names (KernelTable::name).
// InvalidArgument for another name, Unsupported if the CPU lacks it: never a silent fallback. An
// empty name counts as none.
Result<const KernelTable*> ChooseKernels(std::string_view forced);

// ChooseKernels of the environment variable PODIUM_FORCE_ISA, decided at the first call.
// Thread-safe.
Result<const KernelTable*> ActiveKernels();

}  // namespace podium::kernels
