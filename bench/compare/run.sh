#!/usr/bin/env bash
# Podium beside ONNX Runtime, PyTorch and llama.cpp: the same checkpoints with random weights, the same requests, one machine. Prints the
# tables of docs/benchmarking.md.
#
#   bench/compare/run.sh [--models minilm-l6,…] [--workloads A,B,C,D] [--engines podium,onnxruntime,torch,llama.cpp] [--quick]
#                        [--json FILE]; --help tells the rest
#
# Needs a Debian 12 machine with node and npm, and a network the first time: the rivals come from apt and npm. Everything that is not a
# Debian package goes to build/compare.
set -eu
cd "$(dirname "$0")/../.."
case " $* " in
  *" --help "* | *" -h "* | *" --report"*) ;;
  *)
    build=${PODIUM_BUILD_DIR:-build/check}
    if [ ! -x "$build/apps/podium/podium" ] || [ ! -x "$build/bench/make_checkpoint" ]; then
      . tools/setup.sh
      podium_setup build test
      cmake --preset check >&2
      cmake --build --preset check --target podium make_checkpoint >&2
    fi
    ;;
esac
exec python3 -B bench/compare/compare.py "$@"
