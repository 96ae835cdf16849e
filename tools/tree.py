"""What the checks of tools/ share: the files of the tree, and one way to report."""

import argparse
import os
import pathlib
import sys

# Folders that hold the project's own code, and what is never looked into.
CODE_FOLDERS = ("include", "src", "apps", "tests", "bench", "fuzz", "examples")
SKIPPED_FOLDERS = {"build", ".git", ".cache", "node_modules", "__pycache__"}
SKIPPED_PATHS = {"tests/golden"}  # data of the tests, not code
CODE_SUFFIXES = (".h", ".cc")


def files(root, folders=None, suffixes=None):
    """Paths (relative to root, posix) of the files below `folders` (default: the whole tree), sorted."""
    found = []
    for start in folders or (".",):
        for folder, names, leaves in os.walk(pathlib.Path(root) / start):
            here = pathlib.Path(folder).relative_to(root)
            names[:] = [n for n in names
                        if n not in SKIPPED_FOLDERS and (here / n).as_posix() not in SKIPPED_PATHS]
            found += [(here / leaf).as_posix() for leaf in leaves
                      if suffixes is None or leaf.endswith(tuple(suffixes))]
    return sorted(found)


def code_files(root):
    return files(root, CODE_FOLDERS, CODE_SUFFIXES)


def read(root, path):
    return (pathlib.Path(root) / path).read_text(encoding="utf-8", errors="replace")


def argument_parser(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[1], type=pathlib.Path,
                        help="the source tree (default: the one this script is in)")
    return parser


def finish(problems, summary):
    """Prints the problems or the summary and ends with exit code 1 or 0."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit("%d problem(s)" % len(problems))
    print(summary)
    sys.exit(0)
