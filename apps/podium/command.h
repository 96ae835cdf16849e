// The frame that every subcommand fits in. A subcommand is one file with one function
// `void AddXCommand(CommandLine& line)`, declared in commands.h, that names its options and its
// work:
//
//   void AddGetCommand(CommandLine& line) {
//     auto options = std::make_shared<GetOptions>();
//     CLI::App& command = line.Add("get", "Print a document", [options] { return Run(*options); });
//     command.add_option("index", options->index, "Index directory")->required();
//   }
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "podium/status.h"

namespace podium::cli {

// Exit codes of the program.
constexpr int kExitOk = 0;
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

class CommandLine {
 public:
  CommandLine();

  // Adds subcommand `name` (below `parent`, or at the top); `work` runs after a successful parse.
  CLI::App& Add(const std::string& name, const std::string& summary, std::function<Status()> work,
                CLI::App* parent = nullptr);

  // Adds a subcommand that only groups others: `podium model info`.
  CLI::App& AddGroup(const std::string& name, const std::string& summary);

  // Parses, runs the chosen work and returns the exit code. Errors go to standard error.
  int Run(int argc, const char* const* argv);

  CLI::App& app() { return app_; }

 private:
  CLI::App app_;
  std::function<Status()> chosen_;
};

}  // namespace podium::cli
