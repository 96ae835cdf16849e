#!/usr/bin/env python3
"""Fails on an include that the declared layers do not allow.

What is read: podium_module(name … DEPS … EXT …) of every src/*/CMakeLists.txt, target_link_libraries of every
apps/*/CMakeLists.txt, and the module table of docs/ARCHITECTURE.md, whose columns are module, question, the modules
it may depend on and the third-party libraries that it alone may use.

What is checked:
  - DEPS and EXT of a module are within its row of the table, and DEPS have no cycle;
  - a source includes only its own module, the closure of the module's DEPS, and podium/;
  - a third-party header appears only in a module that declares it, an unknown one nowhere;
  - src/ never includes apps/, include/podium/ only the standard library and podium/, examples/ likewise;
  - every source of a module is named in its CMakeLists.txt, so that no test goes unregistered.
"""

import posixpath
import re

import tree

# Header (prefix) -> name in podium::ext::<name>, or the tool that only tests and benchmarks use.
THIRD_PARTY = {
    "CLI/": "cli11", "curl/": "curl", "fmt/": "fmt", "libstemmer.h": "stemmer", "nlohmann/": "nlohmann_json",
    "pcre2.h": "pcre2", "simdjson": "simdjson", "spdlog/": "spdlog", "utf8proc.h": "utf8proc", "xapian": "xapian",
    "zlib.h": "zlib", "zstd": "zstd", "immintrin.h": "immintrin", "x86intrin.h": "immintrin", "arm_neon.h": "immintrin",
    "benchmark/": "benchmark", "gmock/": "gtest", "gtest/": "gtest",
}
TEST_ONLY = {"benchmark", "gtest"}
NO_LIBRARY = {"immintrin"}  # headers of the compiler: nothing to link, so never in EXT
STANDARD = re.compile(r"[a-z_0-9]+$")
SYSTEM = re.compile(r"(sys|linux|arpa|net|netinet|bits)/[a-z_0-9-]+\.h$|"
                    r"(cpuid|cxxabi|dirent|dlfcn|errno|execinfo|fcntl|fnmatch|ftw|glob|langinfo|limits|locale|math|"
                    r"poll|pthread|pwd|sched|semaphore|signal|spawn|stddef|stdint|stdio|stdlib|string|strings|"
                    r"termios|time|unistd|wchar|wctype)\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def cmake_arguments(text, function):
    """The argument words of every call of a CMake function."""
    text = re.sub(r"#.*", "", text)
    return [call.split() for call in re.findall(r"\b%s\s*\(([^)]*)\)" % function, text)]


def read_modules(root, problems):
    """name -> (DEPS, EXT) as declared in src/*/CMakeLists.txt."""
    modules = {}
    keywords = ("SOURCES", "DEPS", "EXT", "TESTS", "BENCHES")
    for path in tree.files(root, ("src",), ("CMakeLists.txt",)):
        for words in cmake_arguments(tree.read(root, path), "podium_module"):
            name, current, lists = words[0], None, {key: [] for key in keywords}
            for word in words[1:]:
                if word in keywords:
                    current = word
                else:
                    lists[current].append(word)
            if path != "src/%s/CMakeLists.txt" % name:
                problems.append("%s: module %s is not declared in its own folder" % (path, name))
            modules[name] = (lists["DEPS"], lists["EXT"])
    return modules


def read_table(root):
    """name -> (allowed DEPS, allowed third parties) from docs/ARCHITECTURE.md."""
    table = {}
    for line in tree.read(root, "docs/ARCHITECTURE.md").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            words = [re.findall(r"[a-z0-9_]+", cell) for cell in cells]
            table[words[0][0]] = (words[2], words[3])
    return table


def closure(modules, name):
    reached, todo = set(), [name]
    while todo:
        for dep in modules.get(todo.pop(), ((), ()))[0]:
            if dep not in reached:
                reached.add(dep)
                todo.append(dep)
    return reached


def check_declarations(modules, table, problems):
    for name, (deps, exts) in sorted(modules.items()):
        place = "src/%s/CMakeLists.txt" % name
        if name not in table:
            problems.append("%s: module %s has no row in docs/ARCHITECTURE.md" % (place, name))
            continue
        for dep in deps:
            if dep not in modules:
                problems.append("%s: DEPS names %s, which is no module" % (place, dep))
            if dep not in table[name][0]:
                problems.append("%s: %s may not depend on %s (docs/ARCHITECTURE.md)" % (place, name, dep))
        for ext in exts:
            if ext not in table[name][1]:
                problems.append("%s: third party %s does not belong to %s (docs/ARCHITECTURE.md)" % (place, ext, name))
        if name in closure(modules, name):
            problems.append("%s: %s depends on itself through %s" % (place, name, ", ".join(deps)))


def third_party(header):
    for prefix, name in THIRD_PARTY.items():
        if header.startswith(prefix):
            return name
    return None


def angle_problem(path, header, allowed):
    """Why `#include <header>` is wrong in this file, or None. `allowed`: names of third parties."""
    name = third_party(header)
    if name in TEST_ONLY:
        ok = re.search(r"_(test|bench|test_util)\.(cc|h)$", path) or path.split("/")[0] in ("tests", "bench")
        return None if ok else "<%s> is for tests and benchmarks" % header
    if name is not None:
        return None if name in allowed else "third-party header <%s> outside its owner" % header
    if STANDARD.match(header) or SYSTEM.match(header):
        return None
    return "<%s> is neither standard nor a declared third party (tools/check_layering.py)" % header


def quoted_problem(root, path, header, reachable):
    """Why `#include "header"` is wrong in this file, or None. `reachable`: modules; None: all."""
    top = header.split("/")[0]
    if top == "podium":
        known = (root / "include" / header).exists()
        return None if known else '"%s" is no public header' % header
    folder = path.split("/")[0]
    if folder not in ("src", "include") and (root / posixpath.dirname(path) / header).exists() and "/" not in header:
        return None  # apps, tests, bench, fuzz: a neighbour
    if folder in ("include", "examples"):
        return '"%s": %s/ may include only the standard library and podium/' % (header, folder)
    if "/" not in header or header.startswith(".") or not (root / "src" / header).exists():
        return '"%s" is no rooted include of a module ("module/file.h")' % header
    if reachable is not None and top not in reachable:
        return '"%s": %s does not declare %s in DEPS' % (header, posixpath.dirname(path), top)
    return None


def check_includes(root, modules, table, problems):
    apps = {}
    for path in tree.files(root, ("apps",), ("CMakeLists.txt",)):
        linked = {word.split("::")[-1] for words in cmake_arguments(tree.read(root, path), "target_link_libraries")
                  for word in words if word.startswith("podium::") and "::ext::" not in word}
        apps[posixpath.dirname(path)] = linked.union(*(closure(modules, name) for name in linked), {"podium"})
    for path in tree.code_files(root):
        parts = path.split("/")
        reachable, allowed = None, set()
        if parts[0] == "src":
            reachable = closure(modules, parts[1]) | {parts[1]}
            allowed = set(modules.get(parts[1], ((), ()))[1])
            allowed |= NO_LIBRARY & set(table.get(parts[1], ((), ()))[1])
        elif parts[0] == "apps":
            reachable, allowed = apps.get("/".join(parts[:2])), {"cli11"}
        text = tree.read(root, path)
        for match in INCLUDE.finditer(text):
            header = match.group(2)
            problem = (angle_problem(path, header, allowed) if match.group(1) == "<"
                       else quoted_problem(root, path, header, reachable))
            if problem is not None:
                problems.append("%s:%d: %s" % (path, text.count("\n", 0, match.start()) + 1, problem))


def check_registration(root, modules, problems):
    for name in modules:
        lists = " ".join(tree.read(root, path) for path in tree.files(root, ("src/" + name,), ("CMakeLists.txt",)))
        for path in tree.files(root, ("src/" + name,), (".cc",)):
            if not re.search(r"(^|[\s/\"])%s\b" % re.escape(posixpath.basename(path)), lists):
                problems.append("%s: in no list of src/%s/CMakeLists.txt" % (path, name))


def main():
    arguments = tree.argument_parser(__doc__.splitlines()[0]).parse_args()
    problems = []
    modules = read_modules(arguments.root, problems)
    table = read_table(arguments.root)
    check_declarations(modules, table, problems)
    check_includes(arguments.root, modules, table, problems)
    check_registration(arguments.root, modules, problems)
    tree.finish(problems, "%d modules, %d files: every include is within its layer"
                % (len(modules), len(tree.code_files(arguments.root))))


if __name__ == "__main__":
    main()
