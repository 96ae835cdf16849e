// --isa: kernels by name.
#pragma once

#include <string>
#include <vector>

#include "podium/status.h"

#include "kernels/kernels.h"

namespace podium::cli {

// The tables of these names, in this order and each once; "all" stands for every one that this CPU
// runs, weakest first. No name: the one that other commands use. Unsupported: another name.
Result<std::vector<const kernels::KernelTable*>> TablesFromNames(
    const std::vector<std::string>& names);

}  // namespace podium::cli
