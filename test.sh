#!/usr/bin/env bash
# Installs what is missing, builds, and runs the whole test suite. Arguments go to ctest: ./test.sh -R tokenizer
set -eu
cd "$(dirname "$0")"
. tools/setup.sh
podium_setup build test
. tools/ccache.sh

[ -f build/check/build.ninja ] || cmake --preset check
cmake --build --preset check
data=${PODIUM_DATA:-../shared/data}
if [ ! -d "$data" ]; then
  echo "No collections under $data: the tests that measure on them will be skipped (docs/environment_variables.md, PODIUM_DATA)."
fi
exec ctest --preset check "$@"
