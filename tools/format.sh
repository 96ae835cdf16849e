#!/usr/bin/env bash
# Formats every C++ file of the tree; with --check only names those that differ and exits 1.
set -eu
cd "$(dirname "$0")/.."
formatter=clang-format-14  # pinned: other versions format differently
if ! command -v "$formatter" >/dev/null; then
  echo "tools/format.sh: $formatter is not installed (Debian package clang-format-14)" >&2
  exit 1
fi
list() { find include src apps tests bench fuzz examples \( -name '*.h' -o -name '*.cc' \) -print0 2>/dev/null || true; }
case "${1:-}" in
  "") list | xargs -0r "$formatter" -i ;;
  --check) list | xargs -0r "$formatter" --dry-run --Werror ;;
  *) echo "usage: tools/format.sh [--check]" >&2; exit 2 ;;
esac
