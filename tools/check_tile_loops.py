#!/usr/bin/env python3
"""check_tile_loops.py OBJECT…: fails if an inner loop over tiles does more than its model says (docs/kernels.md, "AMX").

The innermost loops that hold tile products (TDP…) are looked for in the disassembly of gemm_*_amx objects. Each must have as many
products as sums, two or four, and load no tile twice: three tiles for two products, four for four. Nothing is stored, cleared
or configured in them. No machine with tiles is needed.
"""

import argparse
import collections
import re
import subprocess
import sys

INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TILE = re.compile(r"tdp|(ld|st)?tile")
LOADS = {"tileloadd", "tileloaddt1"}
MOST_LOADS = {2: 3, 4: 4}  # by products
KERNEL = re.compile(r"gemm_\w+_amx\b")


def functions(disassembly):
    """name -> [(address, mnemonic, operands)]"""
    found, current = {}, None
    for line in disassembly.splitlines():
        function, instruction = FUNCTION.match(line), INSTRUCTION.match(line)
        if function:
            current = found.setdefault(function.group(1), [])
        elif instruction and current is not None:
            current.append((int(instruction.group(1), 16), instruction.group(2), instruction.group(3)))
    return found


def loops(code):
    """What each backward jump goes back over: [(first address, last address)]."""
    for address, mnemonic, operands in code:
        target = re.match(r"([0-9a-f]+)\b", operands)
        if mnemonic.startswith("j") and target and int(target.group(1), 16) <= address:
            yield int(target.group(1), 16), address


def tile_loops(code):
    """Mnemonic counts of the innermost loops with products in them."""
    spans = [(first, last) for first, last in loops(code)
             if any(name.startswith("tdp") and first <= at <= last for at, name, _ in code)]
    for first, last in spans:
        if not any((a, b) != (first, last) and first <= a and b <= last for a, b in spans):
            yield collections.Counter(name for at, name, _ in code if first <= at <= last)


def problem_of(counts):
    products = sum(n for name, n in counts.items() if name.startswith("tdp"))
    loads = sum(counts[name] for name in LOADS)
    others = sorted(name for name in counts if TILE.match(name) and not name.startswith("tdp") and name not in LOADS)
    if products not in MOST_LOADS:
        return "%d products; two or four are expected" % products
    if loads > MOST_LOADS[products]:
        return "%d loads for %d products; at most %d are needed" % (loads, products, MOST_LOADS[products])
    if others:
        return "%s between products" % ", ".join(others)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("objects", nargs="+")
    parser.add_argument("--objdump", default="objdump")
    arguments = parser.parse_args()
    problems = 0
    kernels = [path for path in arguments.objects if KERNEL.search(path)]
    for path in kernels:
        text = subprocess.run([arguments.objdump, "--disassemble", "--no-show-raw-insn", path],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        found = [counts for code in functions(text).values() for counts in tile_loops(code)]
        if not found:
            problems += 1
            print("%s: no loop over tiles" % path)
        for counts in found:
            problem = problem_of(counts)
            problems += problem is not None
            tiles = ", ".join("%d %s" % (n, name) for name, n in sorted(counts.items()) if TILE.match(name))
            print("%s: %s%s" % (path, tiles, "" if problem is None else ": " + problem))
    if not kernels:
        sys.exit("no gemm_*_amx object among the %d given" % len(arguments.objects))
    sys.exit(problems != 0)


if __name__ == "__main__":
    main()
