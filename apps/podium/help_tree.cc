#include "help_tree.h"

#include <utility>

namespace podium::cli {
namespace {

// CLI11 writes a closed set of values into the type: "TEXT:{bash,zsh}".
std::vector<std::string> Choices(const std::string& type) {
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return choices;
  }
  std::string choice;
  for (const char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      choice += c;
    } else if (!choice.empty()) {
      choices.push_back(std::exchange(choice, ""));
    }
  }
  return choices;
}

OptionHelp DescribeOption(const CLI::Option& option) {
  OptionHelp help;
  for (const std::string& name : option.get_snames()) {
    help.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    help.names.push_back("--" + name);
  }
  const std::string type = option.get_type_name();
  help.choices = Choices(type);
  help.type = type.substr(0, type.find(':'));
  if (option.get_positional()) {
    help.value = option.get_name(true, false);
  } else if (option.get_items_expected_max() > 0) {
    help.value = help.choices.empty() ? help.type : "VALUE";
  }
  help.description = option.get_description();
  help.required = option.get_required();
  help.repeated = option.get_items_expected_max() > 1;
  return help;
}

CommandHelp Describe(const CLI::App& app, std::vector<std::string> path) {
  CommandHelp help;
  path.push_back(app.get_name());
  help.path = std::move(path);
  help.summary = app.get_description();
  help.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) {
      continue;
    }
    (option->get_positional() ? help.positionals : help.options).push_back(DescribeOption(*option));
  }
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!subcommand->get_group().empty()) {
      help.subcommands.push_back(Describe(*subcommand, help.path));
    }
  }
  return help;
}

}  // namespace

CommandHelp DescribeCommands(const CLI::App& app) {
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
