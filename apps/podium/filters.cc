#include "filters.h"

#include "base/format.h"

namespace podium::cli {

void AddFilterOption(CLI::App& command, std::vector<std::string>& filters) {
  command
      .add_option("--filter", filters,
                  "Only documents whose field has this value; repeat for several")
      ->allow_extra_args(false)
      ->type_name("FIELD:VALUE");
}

Result<std::vector<FieldFilter>> ParseFilters(const std::vector<std::string>& texts) {
  std::vector<FieldFilter> filters;
  for (const std::string& text : texts) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0) {
      return InvalidArgument(Format("--filter {}: expected field:value", text));
    }
    filters.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  return filters;
}

}  // namespace podium::cli
