#include "help_tree.h"

#include <sstream>
#include <utility>

namespace podium::cli {
namespace {

// The names in the first braces of `text`: "{bash,zsh}", "{raw->1,sigmoid->2}".
std::vector<std::string> NamesInBraces(const std::string& text) {
  const size_t open = text.find('{');
  const size_t close = text.find('}', open);
  std::vector<std::string> names;
  if (open == std::string::npos || close == std::string::npos) {
    return names;
  }
  std::istringstream list(text.substr(open + 1, close - open - 1));
  for (std::string item; std::getline(list, item, ',');) {
    names.push_back(item.substr(0, item.find("->")));
  }
  return names;
}

// The values of an option that takes one of a few. Only the option's own check knows them, and says
// so when it refuses a value.
std::vector<std::string> Choices(CLI::Option& option) {
  try {
    for (int i = 0;; ++i) {
      std::string impossible = "?";
      std::vector<std::string> names = NamesInBraces((*option.get_validator(i))(impossible));
      if (!names.empty()) {
        return names;
      }
    }
  } catch (const CLI::Error&) {
    return {};  // no more checks
  }
}

OptionHelp DescribeOption(CLI::Option& option) {
  OptionHelp help;
  for (const std::string& name : option.get_snames()) {
    help.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    help.names.push_back("--" + name);
  }
  const std::string type = option.get_type_name();
  help.choices = Choices(option);
  help.type = type.substr(0, type.find(':'));
  if (option.get_positional()) {
    help.value = option.get_name(true, false);
  } else if (option.get_items_expected_max() > 0) {
    help.value = help.type;
  }
  help.description = option.get_description();
  help.required = option.get_required();
  help.repeated = option.get_items_expected_max() > 1;
  return help;
}

CommandHelp Describe(CLI::App& app, std::vector<std::string> path) {
  CommandHelp help;
  path.push_back(app.get_name());
  help.path = std::move(path);
  help.summary = app.get_description();
  help.footer = app.get_footer();
  for (CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) {
      continue;
    }
    (option->get_positional() ? help.positionals : help.options).push_back(DescribeOption(*option));
  }
  for (CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!subcommand->get_group().empty()) {
      help.subcommands.push_back(Describe(*subcommand, help.path));
    }
  }
  return help;
}

}  // namespace

CommandHelp DescribeCommands(CLI::App& app) {
  return Describe(app, {});
}

std::string JoinPath(const std::vector<std::string>& path, const std::string& separator) {
  std::string joined;
  for (const std::string& part : path) {
    joined += (joined.empty() ? "" : separator) + part;
  }
  return joined;
}

}  // namespace podium::cli
