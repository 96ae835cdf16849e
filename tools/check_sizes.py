#!/usr/bin/env python3
"""Fails on a file or function past the hard limits of CONTRIBUTING.md, and prints the biggest.

Lines of files are counted as they are; functions and parameters are found by universal-ctags.
"""

import json
import os
import re
import subprocess
import sys

import tree

HEADER_LINES, SOURCE_LINES, TEST_LINES = 400, 700, 1000
FUNCTION_LINES, MICRO_KERNEL_LINES = 100, 150
PARAMETERS = 6
PUBLIC_HEADERS = 10
BIGGEST = 5  # how many of each the summary names
MICRO_KERNEL = re.compile(r"_(avx2|avx512|avx512bf16|vnni|amx)\.cc$")

# What may be larger, and why: "file" or "file:function" -> reason.
ALLOWED = {}


def file_limit(path):
    if path.endswith(("_test.cc", "_bench.cc")) or path.startswith("tests/"):
        return TEST_LINES
    return HEADER_LINES if path.endswith(".h") else SOURCE_LINES


def parameter_count(signature):
    """Parameters of "(int a, std::map<int, int> b)", "()" and "(void)"."""
    inside = signature.strip()[1:signature.rstrip().rfind(")")].strip()
    if inside in ("", "void"):
        return 0
    depth, count = 0, 1
    for char in re.sub(r"<<|->|[<>]=", "", inside):  # operators in default arguments are no brackets
        depth += (char in "(<[{") - (char in ")>]}")
        count += char == "," and depth == 0
    return count


def functions(root, paths):
    """(path, name, first line, lines, signature) of every function definition."""
    if not paths:
        return
    command = ["ctags", "--output-format=json", "--languages=C++", "--language-force=C++", "--kinds-C++=f",
               "--fields=+neS", "-f", "-", "-L", "-"]
    done = subprocess.run(command, cwd=root, input="\n".join(paths), stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["path"], tag["name"], tag["line"], tag["end"] - tag["line"] + 1, tag.get("signature", "()")


def main():
    arguments = tree.argument_parser(__doc__.splitlines()[0]).parse_args()
    root, problems = arguments.root, []
    paths = tree.code_files(root)
    try:
        found = list(functions(root, paths))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("universal-ctags is needed (Debian package universal-ctags): %s" % error)

    sizes = {path: tree.read(root, path).count("\n") for path in paths}
    for path, lines in sizes.items():
        if lines > file_limit(path) and path not in ALLOWED:
            problems.append("%s: %d lines; the limit is %d" % (path, lines, file_limit(path)))
    for path, name, line, lines, signature in found:
        limit = MICRO_KERNEL_LINES if MICRO_KERNEL.search(path) else FUNCTION_LINES
        if "%s:%s" % (path, name) in ALLOWED:
            continue
        if lines > limit:
            problems.append("%s:%d: %s has %d lines; the limit is %d" % (path, line, name, lines, limit))
        if parameter_count(signature) > PARAMETERS:
            problems.append("%s:%d: %s has %d parameters; the limit is %d"
                            % (path, line, name, parameter_count(signature), PARAMETERS))
    public = tree.files(root, ("include",), (".h",))
    if len(public) > PUBLIC_HEADERS:
        problems.append("include: %d public headers; the limit is %d" % (len(public), PUBLIC_HEADERS))
    for entry in ALLOWED:
        if not os.path.exists(os.path.join(root, entry.split(":")[0])) or not ALLOWED[entry]:
            problems.append("tools/check_sizes.py: ALLOWED names %s, which is gone or has no reason" % entry)

    for kind, test in (("header", lambda p: p.endswith(".h")),
                       ("source", lambda p: file_limit(p) == SOURCE_LINES), ("test", lambda p: file_limit(p) == TEST_LINES)):
        biggest = sorted((p for p in paths if test(p)), key=lambda p: -sizes[p])[:BIGGEST]
        print("biggest %ss: %s" % (kind, ", ".join("%s %d" % (p, sizes[p]) for p in biggest)))
    longest = sorted(found, key=lambda f: -f[3])[:BIGGEST]
    print("longest functions: %s" % ", ".join("%s:%s %d" % (f[0], f[1], f[3]) for f in longest))
    tree.finish(problems, "%d files, %d functions within the limits" % (len(paths), len(found)))


if __name__ == "__main__":
    main()
