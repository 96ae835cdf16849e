#include "isa_option.h"

#include <algorithm>

#include "base/format.h"

namespace podium::cli {

Result<std::vector<const kernels::KernelTable*>> TablesFromNames(
    const std::vector<std::string>& names) {
  std::vector<const kernels::KernelTable*> tables;
  if (names.empty()) {
    PODIUM_ASSIGN_OR_RETURN(const kernels::KernelTable* active, kernels::ActiveKernels());
    tables.push_back(active);
    return tables;
  }
  const std::vector<const kernels::KernelTable*> available = kernels::AvailableKernels();
  for (const std::string& name : names) {
    std::string known;
    bool found = false;
    for (const kernels::KernelTable* table : available) {
      known += (known.empty() ? "" : ", ") + std::string(table->name);
      if (name == "all" || name == table->name) {
        found = true;
        if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
          tables.push_back(table);
        }
      }
    }
    if (!found) {
      return Unsupported(
          Format("--isa {}: expected all or one of {}, which this CPU runs", name, known));
    }
  }
  return tables;
}

}  // namespace podium::cli
