#include "command.h"

#include <stdio.h>

#include <sstream>
#include <utility>

#include "terminal.h"

namespace podium::cli {

CommandLine::CommandLine()
    : app_(
          "Podium: index text, retrieve it with BM25, rerank it with a cross-encoder, and measure "
          "the result.",
          "podium") {
  app_.set_version_flag("--version", std::string("podium ") + PODIUM_VERSION);
  app_.require_subcommand(1);
  app_.footer("'podium COMMAND --help' tells more about a command.");
}

CLI::App& CommandLine::Add(const std::string& name, const std::string& summary,
                           std::function<Status()> work, CLI::App* parent) {
  CLI::App* command = (parent != nullptr ? parent : &app_)->add_subcommand(name, summary);
  command->callback([this, work = std::move(work)] { chosen_ = work; });
  return *command;
}

CLI::App& CommandLine::AddGroup(const std::string& name, const std::string& summary) {
  CLI::App* group = app_.add_subcommand(name, summary);
  group->require_subcommand(1);
  return *group;
}

int CommandLine::Run(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app_.exit(error, out, err);
    fputs(err.str().c_str(), stderr);
    if (code != 0) {
      return kExitUsage;
    }
    Print(out.str());  // help and version are "errors" of code 0 to CLI11
    chosen_ = nullptr;
  }
  Status status = chosen_ ? chosen_() : Status::Ok();
  if (status.ok()) {
    status = FlushOutput();
  }
  if (!status.ok()) {
    fprintf(stderr, "podium: %s\n", status.ToString().c_str());
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace podium::cli
