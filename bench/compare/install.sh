#!/usr/bin/env bash
# Installs one of the engines that bench/compare/run.sh times, into a folder; what is there is left alone.
#
#   install.sh onnxruntime|torch|llama.cpp FOLDER
#
# The Debian packages go to the system; the npm packages go to FOLDER/npm and PyTorch's OpenBLAS, which must not become this machine's
# default, to FOLDER/openblas.
set -euo pipefail
engine=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."
. tools/setup.sh

ONNXRUNTIME=1.30.0
NODE_LLAMA_CPP=3.22.1

debian_packages() {
  local missing
  command -v dpkg-query >/dev/null || { echo "this is no Debian system: install the equivalents of $*" >&2; exit 1; }
  missing=$(echo $(podium_missing "$@"))
  [ -z "$missing" ] || podium_install $missing || { echo "apt could not install $missing" >&2; exit 1; }
}

# npm_packages PACKAGE@VERSION…: without the scripts of packages, which would fetch what is not wanted here (CUDA libraries, compilers).
npm_packages() {
  command -v npm >/dev/null || { echo "node and npm are needed (Debian packages nodejs and npm)" >&2; exit 1; }
  mkdir -p "$folder/npm"
  [ -f "$folder/npm/package.json" ] || echo '{ "private": true }' >"$folder/npm/package.json"
  ONNXRUNTIME_NODE_INSTALL=skip npm install --prefix "$folder/npm" --ignore-scripts --omit=optional --no-audit --no-fund \
    --loglevel=error "$@" || { echo "npm could not install $*" >&2; exit 1; }
}

openblas() {
  [ -e "$folder/openblas/libblas.so.3" ] && return
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && apt-get download -qq libopenblas0-openmp 2>/dev/null && dpkg-deb --extract ./*.deb tree) ||
    { echo "apt could not download libopenblas0-openmp" >&2; exit 1; }
  rm -rf "$folder/openblas"
  cp -r "$scratch"/tree/usr/lib/*/openblas-openmp "$folder/openblas"
  rm -rf "$scratch"
}

case "$engine" in
  onnxruntime)
    debian_packages python3-numpy python3-onnx
    [ -d "$folder/npm/node_modules/onnxruntime-node" ] || npm_packages "onnxruntime-node@$ONNXRUNTIME"
    ;;
  torch)
    debian_packages python3-numpy python3-torch libgomp1 libgfortran5
    openblas
    ;;
  llama.cpp)
    debian_packages python3-numpy
    [ -d "$folder/npm/node_modules/node-llama-cpp" ] ||
      npm_packages "node-llama-cpp@$NODE_LLAMA_CPP" "@node-llama-cpp/linux-x64@$NODE_LLAMA_CPP"
    ;;
  *)
    echo "install.sh: no engine '$engine'" >&2
    exit 1
    ;;
esac
