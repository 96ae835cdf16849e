#!/usr/bin/env python3
"""Fails on a header that does not compile alone.

A header whose own source includes it before anything else has been proven by the build. Every other one
is compiled by itself (-fsyntax-only) with the flags of its module, taken from compile_commands.json;
public headers always, with nothing but -Iinclude, since that is all that a user has.
`*-inl.h` are fragments meant for a particular source and are left out.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import tree

FIRST_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)


def own_name(path):
    """How the header is included: "io/file.h" for src/io/file.h, the bare name in apps/."""
    return path.split("/", 1)[1] if path.startswith(("src/", "include/")) else os.path.basename(path)


def proven_by_build(root, path):
    source = re.sub(r"\.h$", ".cc", path)
    if not (root / source).exists():
        return False
    first = FIRST_INCLUDE.search(tree.read(root, source))
    return first is not None and first.group(1) == own_name(path)


def compile_flags(root, build):
    """folder -> compiler and flags of some source in it."""
    flags = {}
    with open(build / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    for entry in commands:
        source = pathlib.Path(entry["directory"], entry["file"])
        if source.is_relative_to(root):
            words = shlex.split(entry["command"])
            if os.path.basename(words[0]) == "ccache":  # the compiler launcher
                words = words[1:]
            words = [word for before, word in zip([""] + words, words)
                     if word not in ("-c", "-o") and before not in ("-c", "-o")]
            flags.setdefault(source.parent.relative_to(root).as_posix(), words)
    return flags


def flags_for(flags, path):
    folder = os.path.dirname(path)
    while folder not in flags and folder:
        folder = os.path.dirname(folder)
    return flags.get(folder) or next(iter(flags.values()))


def compile_alone(root, command, path):
    text = '#include "%s"\n' % (root / path)
    done = subprocess.run(command + ["-fsyntax-only", "-x", "c++", "-"], cwd=root, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return None if done.returncode == 0 else "%s: does not compile alone:\n%s" % (path, done.stdout)


def main():
    parser = tree.argument_parser(__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, help="build folder (default: build/check of the tree)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        flags = compile_flags(root, arguments.build or root / "build" / "check")
    except OSError as error:
        sys.exit("configure first: %s" % error)
    if not flags:
        sys.exit("compile_commands.json names no source of %s" % root)

    work, proven = [], 0
    compiler = next(iter(flags.values()))[0]
    for path in tree.files(root, ("include", "src", "apps"), (".h",)):
        if path.startswith("include/"):
            work.append((path, [compiler, "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
                                "-I", str(root / "include")]))
        elif path.endswith("-inl.h"):
            continue
        elif proven_by_build(root, path):
            proven += 1
        else:
            work.append((path, flags_for(flags, path)))
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        problems = [p for p in pool.map(lambda item: compile_alone(root, item[1], item[0]), work) if p]
    tree.finish(problems, "%d headers compile alone; %d more are the first include of their source" % (len(work), proven))


if __name__ == "__main__":
    main()
