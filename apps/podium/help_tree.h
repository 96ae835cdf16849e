// The commands of the program as plain data, read from the same declarations that parse the command
// line and print --help: what shell completion and the manual pages are made from.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace podium::cli {

// One option ("-k", "--top") or one positional argument (no names).
struct OptionHelp {
  std::vector<std::string> names;
  std::string value;  // what it takes: "N", "FILE"; the name of a positional; "" for a flag
  std::string type;   // as `value`, but for a positional its type too
  std::vector<std::string> choices;  // the values it takes, where there are only a few
  std::string description;
  bool required = false;
  bool repeated = false;  // takes more than one value
};

struct CommandHelp {
  std::vector<std::string> path;  // {"podium", "model", "info"}
  std::string summary;
  std::string footer;
  std::vector<OptionHelp> options;
  std::vector<OptionHelp> positionals;
  std::vector<CommandHelp> subcommands;
};

// Commands and options without a group are hidden, here as in --help.
CommandHelp DescribeCommands(CLI::App& app);

// Parts joined by `separator`: {"podium", "model"}, "-" -> "podium-model".
std::string JoinPath(const std::vector<std::string>& path, const std::string& separator);

}  // namespace podium::cli
