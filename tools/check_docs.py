#!/usr/bin/env python3
"""Fails on a page that says what is not so.

  - every `podium COMMAND --option` in a Markdown page is accepted by the program: commands and options are looked up in
    `podium COMMAND --help`;
  - every path of this tree and every CMake preset that a page names exists, as does the target of every relative link;
  - the main path of docs/ARCHITECTURE.md (its numbered list) has at most eight hops from apps/ down to src/kernels/, each a file
    that exists, each in a module that the one before may include;
  - every benchmark is named in docs/benchmarking.md;
  - every environment variable that the code reads is in docs/environment_variables.md, and the reverse.
"""

import json
import os
import pathlib
import re
import subprocess

import check_layering
import tree

MAX_HOPS = 8
SCRIPT_WORDS = {"podium", "./podium", "build/release/apps/podium/podium", "./build/release/apps/podium/podium"}
SHELL_BREAK = re.compile(r"\|\|?|&&|;|>|<|\s#|\s2>")
TREE_PATH = re.compile(r"(?<![\w/.~<$-])((?:include|src|apps|tests|bench|fuzz|examples|docs|cmake|tools|\.ci)/[\w./+*-]*[\w/])")
ROOT_FILE = re.compile(r"\./([a-z_]+\.sh)\b")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PRESET = re.compile(r"--preset[= ]([a-z]+)")
# How a variable is read: getenv or a name handed to a helper in C++, os.environ in Python, a default in a script.
CODE_VARIABLE = re.compile(r'(?:getenv\(|["\'](?=(?:PODIUM|HF|XDG)_))["\']?([A-Z_]+)["\']')
SCRIPT_VARIABLE = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"|\$\{([A-Z_]+):?-')
USUAL_VARIABLES = {"HOME", "PATH", "PODIUM_BINARY", "PODIUM_BUILD_DIR", "PODIUM_SOURCE_DIR"}  # set by ctest or the system
PAGE_VARIABLE = re.compile(r"^##+ `([A-Z_]+)`", re.MULTILINE)


def code_spans(text):
    """(line number, code, is block) of every fenced line and inline span; \\-continued lines are joined."""
    block, pending, start = False, "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*(```|~~~)", line):
            block = not block
        elif block:
            start = start if pending else number
            pending += line.rstrip("\\") if line.endswith("\\") else line
            if not line.endswith("\\"):
                yield start, pending, True
                pending = ""
        else:
            for span in re.findall(r"`([^`]+)`", line):
                yield number, span, False


def podium_commands(code):
    """The word lists of every call of podium in a line of shell."""
    for part in SHELL_BREAK.split(code):
        part = re.sub(r"[\[\]()…]|\.\.\.", " ", part)  # synopsis marks
        words = part.split()
        while words and (words[0] in ("$", "sudo", "time", "nice") or re.match(r"[A-Z_]+=", words[0])):
            words = words[1:]
        if words and words[0] in SCRIPT_WORDS:
            yield words[1:]


class Program:
    """Commands and options as the program's own help gives them."""

    def __init__(self, binary):
        self.binary = binary
        self.known = {}

    def help(self, command):
        """(options, subcommands) of a command, a tuple of words; None if there is no such command."""
        if command not in self.known:
            done = subprocess.run([self.binary, *command, "--help"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                self.known[command] = None
            else:
                parts = re.split(r"^Subcommands:\n", done.stdout, maxsplit=1, flags=re.MULTILINE)
                options = set(re.findall(r"(?<![\w-])(--?[A-Za-z][\w-]*)", parts[0]))
                names = re.findall(r"^  ([a-z][a-z-]*)\b", parts[1], re.MULTILINE) if len(parts) > 1 else []
                self.known[command] = (options, set(names))
        return self.known[command]

    def problem(self, words):
        """What is wrong with `podium words…`, or None."""
        command = ()
        for word in words:
            if word.startswith("-"):
                break
            if word not in self.help(command)[1]:
                break
            command += (word,)
        options, subcommands = self.help(command)
        rest = words[len(command):]
        if subcommands and rest and re.match(r"[a-z][a-z-]*$", rest[0]):
            return "no command '%s'" % " ".join(("podium",) + command + (rest[0],))
        for word in rest:
            option = word.split("=")[0].rstrip(",.:")
            if re.match(r"--?[A-Za-z]", option) and option not in options:
                return "'%s' has no option %s" % (" ".join(("podium",) + command), option)
        return None


def check_page(root, path, program, presets, problems):
    text = tree.read(root, path)
    for number, code, _ in code_spans(text):
        place = "%s:%d: " % (path, number)
        for words in podium_commands(code):
            problem = program.problem(words) if program else None
            if problem:
                problems.append(place + problem)
        for name in PRESET.findall(code):
            if name not in presets:
                problems.append(place + "no preset " + name)
        for named in TREE_PATH.findall(code) + ROOT_FILE.findall(code):
            found = any(root.glob(named)) if "*" in named else (root / named).exists()
            if not found and "NAME" not in named and "MODULE" not in named:
                problems.append(place + "no file " + named)
    for match in LINK.finditer(text):
        target = match.group(1).split("#")[0]
        if target and "://" not in target and not (root / os.path.dirname(path) / target).exists():
            problems.append("%s:%d: link to %s, which does not exist"
                            % (path, text.count("\n", 0, match.start()) + 1, target))


def module_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "src" else parts[0]


def check_main_path(root, modules, problems):
    place = "docs/ARCHITECTURE.md: main path: "
    section = re.split(r"^## The main path.*$", tree.read(root, "docs/ARCHITECTURE.md"), maxsplit=1, flags=re.MULTILINE)
    if len(section) < 2:
        problems.append(place + "no section '## The main path'")
        return
    hops = re.findall(r"^\d+\. `([^`]+)`", re.split(r"^## ", section[1], flags=re.MULTILINE)[0], re.MULTILINE)
    if not 2 <= len(hops) <= MAX_HOPS:
        problems.append(place + "%d hops; at most %d" % (len(hops), MAX_HOPS))
        return
    if not hops[0].startswith("apps/") or not hops[-1].startswith("src/kernels/"):
        problems.append(place + "it leads from %s to %s, not from apps/ to src/kernels/" % (hops[0], hops[-1]))
    for hop in hops:
        if not (root / hop).exists():
            problems.append(place + "no file " + hop)
    for above, below in zip(hops, hops[1:]):
        if module_of(above) == "apps" or module_of(above) == module_of(below):
            continue
        if module_of(below) not in check_layering.closure(modules, module_of(above)):
            problems.append(place + "%s may not include %s" % (above, below))


def check_environment(root, problems):
    page = "docs/environment_variables.md"
    documented = set(PAGE_VARIABLE.findall(tree.read(root, page)))
    used = {}
    for path in tree.code_files(root) + tree.files(root, suffixes=(".py", ".sh")):
        if path.startswith("tests/tools/"):
            continue  # planted ones
        pattern = CODE_VARIABLE if path.endswith(tree.CODE_SUFFIXES) else SCRIPT_VARIABLE
        for match in pattern.finditer(tree.read(root, path)):
            used.setdefault(next(name for name in match.groups() if name), path)
    used = {name: path for name, path in used.items() if name not in USUAL_VARIABLES}
    problems += ["%s: reads %s, which %s does not name" % (used[name], name, page)
                 for name in sorted(set(used) - documented)]
    problems += ["%s: names %s, which no code reads" % (page, name) for name in sorted(documented - set(used))]


def check_benchmarks(root, problems):
    page = tree.read(root, "docs/benchmarking.md")
    problems += ["%s: not named in docs/benchmarking.md" % path
                 for path in tree.files(root, ("src",), ("_bench.cc",)) if path not in page]


def main():
    parser = tree.argument_parser(__doc__.splitlines()[0])
    parser.add_argument("--podium", type=pathlib.Path, help="the program; without it commands are not checked")
    arguments = parser.parse_args()
    root, problems = arguments.root.resolve(), []
    program = Program(arguments.podium) if arguments.podium else None
    presets = {preset["name"] for kind in json.loads(tree.read(root, "CMakePresets.json")).values()
               if isinstance(kind, list) for preset in kind}
    pages = tree.files(root, suffixes=(".md",))
    for path in pages:
        check_page(root, path, program, presets, problems)
    check_main_path(root, check_layering.read_modules(root, problems), problems)
    check_benchmarks(root, problems)
    check_environment(root, problems)
    tree.finish(problems, "%d pages say what is so" % len(pages))


if __name__ == "__main__":
    main()
