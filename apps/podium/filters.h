// --filter field:value, as several commands take it.
#pragma once

#include <string>
#include <vector>

#include "podium/engine.h"

#include "command.h"

namespace podium::cli {

void AddFilterOption(CLI::App& command, std::vector<std::string>& filters);

// Splits each at its first colon; InvalidArgument for one without a field name or a colon.
Result<std::vector<FieldFilter>> ParseFilters(const std::vector<std::string>& texts);

}  // namespace podium::cli
