#!/usr/bin/env bash
# check_kernel_objects.sh OBJECT…: fails if an object compiled for AVX2 or better (*_avx*.cc.o, *_amx*.cc.o) defines a
# weak symbol or shares one by other means (unique, common). The linker keeps one copy of such a function for the whole
# program, perhaps this one: code that never asked for AVX would then crash on a CPU without it.
set -eu -o pipefail
checked=0
bad=0
for object in "$@"; do
  case $object in
    *_avx*.o | *_amx*.o) ;;
    *) continue ;;
  esac
  checked=$((checked + 1))
  found=$(nm --defined-only --demangle "$object" | grep -E '^[0-9a-f]* [WVuC] ' || true)
  if [ -n "$found" ]; then
    bad=$((bad + 1))
    printf '%s shares symbols with code for other CPUs:\n%s\n' "$object" "$found" >&2
  fi
done
if [ "$checked" -eq 0 ]; then
  echo "no object of a vector kernel among the $# given" >&2
  exit 1
fi
echo "$checked objects, $bad with shared symbols"
[ "$bad" -eq 0 ]
