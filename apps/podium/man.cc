// `podium man [COMMAND…]`: the manual pages, made from the declared commands and options.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/utf8.h"
#include "commands.h"
#include "help_tree.h"
#include "io/file.h"
#include "terminal.h"

namespace podium::cli {
namespace {

constexpr char32_t kFirstBeyondAscii = 0x80;

struct ManOptions {
  std::vector<std::string> command;
  std::string all;
};

// Text as roff takes it: backslashes and hyphens literal, characters outside ASCII by number, no
// line that looks like a request.
std::string Roff(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size();) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && (text[i] == '.' || text[i] == '\'')) {
      escaped += "\\&";
    }
    const DecodedCodePoint decoded = DecodeUtf8(text, i);
    if (decoded.code_point >= kFirstBeyondAscii) {
      escaped += Format("\\[u{:04X}]", static_cast<uint32_t>(decoded.code_point));
    } else if (text[i] == '\\') {
      escaped += "\\e";
    } else if (text[i] == '-') {
      escaped += "\\-";
    } else {
      escaped += text[i];
    }
    i += decoded.length;
  }
  return escaped;
}

std::string Bold(const std::string& text) {
  return "\\fB" + Roff(text) + "\\fR";
}

std::string Italic(const std::string& text) {
  return "\\fI" + Roff(text) + "\\fR";
}

std::string Synopsis(const CommandHelp& command) {
  std::string line = ".B " + Roff(JoinPath(command.path, " ")) + "\n";
  if (!command.options.empty()) {
    line += "[" + Italic("OPTION") + "...]\n";
  }
  if (!command.subcommands.empty()) {
    line += Italic("COMMAND") + "\n";
  }
  for (const OptionHelp& positional : command.positionals) {
    const std::string value = Italic(positional.value) + (positional.repeated ? "..." : "");
    line += (positional.required ? value : "[" + value + "]") + "\n";
  }
  return line;
}

std::string OptionEntry(const OptionHelp& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + Bold(name);
  }
  if (!option.value.empty()) {
    names += (names.empty() ? "" : " ") + Italic(option.value) + (option.repeated ? "..." : "");
  }
  return ".TP\n" + names + "\n" + Roff(option.description) +
         (option.required && !option.names.empty() ? " (required)" : "") + "\n";
}

std::string PageName(const std::vector<std::string>& path) {
  return JoinPath(path, "-");
}

std::string SeeAlso(const CommandHelp& command) {
  std::vector<std::string> pages;
  if (command.path.size() > 1) {
    pages.push_back(PageName({command.path.begin(), command.path.end() - 1}));
  }
  for (const CommandHelp& subcommand : command.subcommands) {
    pages.push_back(PageName(subcommand.path));
  }
  std::string text;
  for (const std::string& page : pages) {
    text += (text.empty() ? "" : ",\n") + Bold(page) + "(1)";
  }
  return text + "\n";
}

std::string Page(const CommandHelp& command) {
  const std::string name = PageName(command.path);
  std::string page =
      Format(".TH \"{}\" 1 \"\" \"podium {}\" \"Podium\"\n", Roff(name), PODIUM_VERSION);
  page += Format(".SH NAME\n{} \\- {}\n", Roff(name), Roff(command.summary));
  page += ".SH SYNOPSIS\n" + Synopsis(command);
  if (!command.subcommands.empty()) {
    page += ".SH COMMANDS\n";
    for (const CommandHelp& subcommand : command.subcommands) {
      page += ".TP\n" + Bold(subcommand.path.back()) + "\n" + Roff(subcommand.summary) + "\n";
    }
  }
  if (!command.positionals.empty()) {
    page += ".SH ARGUMENTS\n";
    for (const OptionHelp& positional : command.positionals) {
      page += OptionEntry(positional);
    }
  }
  if (!command.options.empty()) {
    page += ".SH OPTIONS\n";
    for (const OptionHelp& option : command.options) {
      page += OptionEntry(option);
    }
  }
  if (!command.footer.empty()) {
    page += ".SH NOTES\n.nf\n" + Roff(command.footer) + "\n.fi\n";
  }
  page +=
      Format(".SH EXIT STATUS\n.TP\n{}\nsuccess\n.TP\n{}\nfailure\n.TP\n{}\nwrong command line\n",
             kExitOk, kExitFailure, kExitUsage);
  return page + ".SH SEE ALSO\n" + SeeAlso(command);
}

Status WritePages(const CommandHelp& command, const std::filesystem::path& folder) {
  PODIUM_RETURN_IF_ERROR(
      io::WriteFileAtomic(folder / (PageName(command.path) + ".1"), Page(command)));
  for (const CommandHelp& subcommand : command.subcommands) {
    PODIUM_RETURN_IF_ERROR(WritePages(subcommand, folder));
  }
  return Status::Ok();
}

Status Run(const ManOptions& options, CLI::App& app) {
  const CommandHelp top = DescribeCommands(app);
  if (!options.all.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.all, error);
    if (error) {
      return io::ErrnoStatus(error.value(), Format("cannot create {}", options.all));
    }
    return WritePages(top, options.all);
  }
  const CommandHelp* command = &top;
  for (const std::string& word : options.command) {
    const CommandHelp* found = nullptr;
    for (const CommandHelp& subcommand : command->subcommands) {
      if (subcommand.path.back() == word) {
        found = &subcommand;
      }
    }
    if (found == nullptr) {
      return NotFound(Format("no command '{} {}'", JoinPath(command->path, " "), word));
    }
    command = found;
  }
  Print(Page(*command));
  return Status::Ok();
}

}  // namespace

void AddManCommand(CommandLine& line) {
  auto options = std::make_shared<ManOptions>();
  CLI::App& app = line.app();
  CLI::App& command = line.Add("man", "Print the manual page of a command",
                               [options, &app] { return Run(*options, app); });
  command.add_option("COMMAND", options->command,
                     "A command: 'search', 'model info'; none for all");
  command.add_option("--all", options->all, "Write every page into this folder")->type_name("DIR");
  command.footer("podium man search | man -l -");
}

}  // namespace podium::cli
