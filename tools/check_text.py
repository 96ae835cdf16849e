#!/usr/bin/env python3
"""Fails on leftovers in any text file: unfinished-work marks, conflict marks, paths of one machine, stray white space."""

import re

import tree

# Split so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
# A folder that only its owner's machine has. /tmp, /dev, /proc, /usr and /etc are everywhere.
MACHINE_PATH = re.compile(r"(?<![\w.\-}*)/])/(home|root|Users|work|workspace|mnt|media|farm|scratch|data)/[\w.-]+")
BINARY_SUFFIXES = (".png", ".jpg", ".gz", ".zst", ".safetensors", ".bin", ".ico", ".woff2", ".model")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check(path, data, problems):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append("%s: not UTF-8 at byte %d" % (path, error.start))
        return
    for pattern, what in ((UNFINISHED, "unfinished work"), (CONFLICT, "a conflict mark"),
                          (MACHINE_PATH, "a path of one machine")):
        problems += ["%s:%d: %s: %s" % (path, line_of(text, m), what, m.group(0)) for m in pattern.finditer(text)]
    if path.endswith(".md"):
        trailing = ()  # two spaces are a line break in Markdown
    else:
        trailing = re.finditer(r"[ \t]+$", text, re.MULTILINE)
    problems += ["%s:%d: white space at the end of the line" % (path, line_of(text, m)) for m in trailing]
    if "\r" in text:
        problems.append("%s: carriage return" % path)
    if text and not text.endswith("\n"):
        problems.append("%s: no newline at the end" % path)


def main():
    arguments = tree.argument_parser(__doc__.splitlines()[0]).parse_args()
    problems, count = [], 0
    for path in tree.files(arguments.root):
        # Corpora of the fuzzers are bytes of every kind, and the licence is not ours to change.
        if path.endswith(BINARY_SUFFIXES) or "/corpus/" in path or path == "LICENSE" or path.startswith(".git"):
            continue
        check(path, (arguments.root / path).read_bytes(), problems)
        count += 1
    tree.finish(problems, "%d text files are clean" % count)


if __name__ == "__main__":
    main()
