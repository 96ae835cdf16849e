// `podium completion bash|zsh`: a completion script made from the declared commands and options.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/format.h"
#include "commands.h"
#include "help_tree.h"
#include "terminal.h"

namespace podium::cli {
namespace {

// Values that are typed, not picked from the files at hand.
bool IsTyped(const OptionHelp& option) {
  static const std::set<std::string> kTyped = {"INT",         "UINT",    "FLOAT", "N",
                                               "K",           "SECONDS", "QUERY", "TAG",
                                               "FIELD:VALUE", "id",      "ids",   "query"};
  return kTyped.contains(option.type) || kTyped.contains(option.value);
}

std::string Joined(const std::vector<std::string>& words, const std::string& separator) {
  return JoinPath(words, separator);
}

// --- bash ---

// Case labels "podium search --top" of the options of one kind.
template <typename Predicate>
std::string BashLabels(const CommandHelp& command, Predicate predicate) {
  std::string labels;
  for (const OptionHelp& option : command.options) {
    if (option.value.empty() || !predicate(option)) {
      continue;
    }
    for (const std::string& name : option.names) {
      labels += Format("{}\"{} {}\"", labels.empty() ? "" : "|", Joined(command.path, " "), name);
    }
  }
  return labels;
}

void CollectBash(const CommandHelp& command, std::string& steps, std::string& values,
                 std::string& words) {
  const std::string path = Joined(command.path, " ");
  for (const OptionHelp& option : command.options) {
    if (!option.choices.empty()) {
      const std::string labels =
          BashLabels(command, [&option](const OptionHelp& other) { return &other == &option; });
      values += Format("    {}) choices=\"{}\" ;;\n", labels, Joined(option.choices, " "));
    }
  }
  const std::string typed = BashLabels(command, IsTyped);
  if (!typed.empty()) {
    values += Format("    {}) compopt +o default; return ;;\n", typed);
  }
  const std::string files = BashLabels(
      command, [](const OptionHelp& option) { return option.choices.empty() && !IsTyped(option); });
  if (!files.empty()) {
    values += Format("    {}) return ;;\n", files);
  }

  std::string options;
  for (const OptionHelp& option : command.options) {
    options += (options.empty() ? "" : " ") + Joined(option.names, " ");
  }
  std::vector<std::string> others;
  for (const CommandHelp& subcommand : command.subcommands) {
    others.push_back(subcommand.path.back());
    steps += Format("{}\"{}\"", steps.empty() ? "" : "|", Joined(subcommand.path, " "));
  }
  for (const OptionHelp& positional : command.positionals) {
    others.insert(others.end(), positional.choices.begin(), positional.choices.end());
  }
  words +=
      Format("    \"{}\") options=\"{}\"; others=\"{}\" ;;\n", path, options, Joined(others, " "));
  for (const CommandHelp& subcommand : command.subcommands) {
    CollectBash(subcommand, steps, values, words);
  }
}

std::string BashScript(const CommandHelp& top) {
  std::string steps;
  std::string values;
  std::string words;
  CollectBash(top, steps, values, words);
  return Format(R"(# bash completion for podium, made by 'podium completion bash'.
_podium() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="podium" choices="" options="" others="" i
  COMPREPLY=()
  # bash takes --option=value apart at the equals sign.
  if [[ "$current" == "=" ]]; then
    current=""
  elif [[ "$previous" == "=" ]]; then
    previous="${{COMP_WORDS[COMP_CWORD-2]}}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${{COMP_WORDS[i]}}" in
      {0}) command="$command ${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$command $previous" in
{1}  esac
  if [[ -n "$choices" ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
    return
  fi
  case "$command" in
{2}  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n "$others" ]]; then
    COMPREPLY=($(compgen -W "$others" -- "$current"))
  fi
}}
complete -o default -F _podium podium
)",
                steps, values, words);
}

// --- zsh ---

// Text inside a single-quoted _arguments specification.
std::string ZshText(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      escaped += '\\';
      escaped += c;
    } else {
      escaped += c == '\n' ? ' ' : c;
    }
  }
  return escaped;
}

std::string ZshAction(const OptionHelp& option) {
  if (!option.choices.empty()) {
    return "(" + Joined(option.choices, " ") + ")";
  }
  return IsTyped(option) ? " " : "_files";
}

std::string ZshOption(const OptionHelp& option) {
  const std::string value =
      option.value.empty() ? "" : Format(":{}:{}", ZshText(option.value), ZshAction(option));
  const std::string help = Format("[{}]{}", ZshText(option.description), value);
  const std::string repeat = option.repeated ? "*" : "";
  std::string specifications;
  for (const std::string& name : option.names) {
    // An option that was given excludes its other names, unless it may come again.
    const std::string excluded =
        option.repeated || option.names.size() == 1 ? "" : "(" + Joined(option.names, " ") + ")";
    specifications += Format("    '{}{}{}{}' \\\n", excluded, repeat, name, help);
  }
  return specifications;
}

std::string ZshFunction(const CommandHelp& command) {
  const std::string name = "_" + Joined(command.path, "_");
  std::string options;
  for (const OptionHelp& option : command.options) {
    options += ZshOption(option);
  }
  std::string out;
  if (command.subcommands.empty()) {
    std::string positionals;
    for (const OptionHelp& positional : command.positionals) {
      positionals += Format("    '{}:{}:{}' \\\n", positional.repeated ? "*" : "",
                            ZshText(positional.value), ZshAction(positional));
    }
    return Format("{}() {{\n  _arguments -s -S \\\n{}{}    && return 0\n}}\n\n", name, options,
                  positionals);
  }
  std::string names;
  std::string branches;
  for (const CommandHelp& subcommand : command.subcommands) {
    out += ZshFunction(subcommand);
    const std::string& word = subcommand.path.back();
    names += Format("    '{}:{}'\n", word, ZshText(subcommand.summary));
    branches += Format("    {}) _{} ;;\n", word, Joined(subcommand.path, "_"));
  }
  out += Format(R"({0}() {{
  local line state
  local -a commands=(
{1}  )
  _arguments -C \
{2}    '1: :->command' '*::argument:->arguments' && return 0
  if [[ $state == command ]]; then
    _describe -t commands command commands
    return
  fi
  case $line[1] in
{3}  esac
}}

)",
                name, names, options, branches);
  return out;
}

std::string ZshScript(const CommandHelp& top) {
  return Format(
      "#compdef podium\n# zsh completion for podium, made by 'podium completion zsh'.\n\n{}"
      // Sourced by hand it registers itself; found in $fpath it is the body of the function.
      "if [[ $funcstack[1] == _podium ]]; then\n  _podium \"$@\"\nelse\n  compdef _podium "
      "podium\nfi\n",
      ZshFunction(top));
}

}  // namespace

void AddCompletionCommand(CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  CLI::App& app = line.app();
  CLI::App& command =
      line.Add("completion", "Print a completion script for a shell", [shell, &app]() -> Status {
        const CommandHelp top = DescribeCommands(app);
        Print(*shell == "bash" ? BashScript(top) : ZshScript(top));
        return Status::Ok();
      });
  command.add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command.footer(
      "bash:  podium completion bash > ~/.local/share/bash-completion/completions/podium\n"
      "zsh:   podium completion zsh > DIRECTORY_OF_FPATH/_podium");
}

}  // namespace podium::cli
