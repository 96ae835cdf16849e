#!/bin/sh
# Speed of Podium's tokenizers beside the Rust ones of Hugging Face (through their npm bindings) on the same text, in MB of text
# per second of CPU time of one thread. Both run in turn on this machine; what counts is the ratio.
#
#   bench/tokenizers/compare.sh [BUILD_DIR] [SECONDS_PER_TOKENIZER]
#
# Needs the bench program (target tokenizer_bench), node, npm, zstd and $PODIUM_DATA/scifact (default ../shared/data). The npm
# packages go to a temporary folder, or to $PODIUM_PEERS if that is set and has them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
build=${1:-build/check}
seconds=${2:-5}
data=${PODIUM_DATA:-$root/../shared/data}
corpus=$data/scifact/corpus.jsonl
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
peers=${PODIUM_PEERS:-$scratch}
if [ ! -d "$peers/node_modules" ]; then
  (cd "$peers" && npm init -y >/dev/null && npm install --silent tokenizers@0.23 @anush008/tokenizers@0.6)
fi
models=""
for name in bert_uncased roberta qwen3 modernbert t5 deberta_v3 xlmr_spmconv; do
  zstd -dqc "tests/golden/tokenizers/$name/tokenizer.json.zst" >"$scratch/$name.json"
  models="$models $name=$scratch/$name.json"
done
# shellcheck disable=SC2086 # the list is meant to be split
RAYON_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false NODE_PATH=$peers/node_modules \
  node bench/tokenizers/rust_speed.js "$corpus" "$seconds" $models >"$scratch/rust.json"
PODIUM_DATA=$data "$build/src/text/tokenizer_bench" --benchmark_filter=BM_Tokenize \
  --benchmark_min_time="$seconds" --benchmark_format=json 2>/dev/null >"$scratch/podium.json"
node -e '
const fs = require("fs");
const rust = JSON.parse(fs.readFileSync(process.argv[1]));
const rows = JSON.parse(fs.readFileSync(process.argv[2])).benchmarks;
const pad = (text, width) => String(text).padStart(width);
console.log("tokenizer".padEnd(16) + pad("Podium MB/s", 13) + pad("Rust 0.23", 11) + pad("ratio", 8) + pad("Rust 0.22", 11) + pad("ratio", 8));
for (const row of rows) {
  const name = row.name.split("/")[1];
  if (row.error_occurred) { console.log(name.padEnd(16) + " " + row.error_message); continue; }
  const mine = row.bytes_per_second / 1e6;
  let line = name.padEnd(16) + pad(mine.toFixed(1), 13);
  for (const peer of ["tokenizers", "@anush008/tokenizers"]) {
    const other = (rust[name] || {})[peer];
    line += other ? pad(other.mb_per_cpu_second.toFixed(2), 11) + pad((mine / other.mb_per_cpu_second).toFixed(1) + "x", 8)
                  : pad("-", 11) + pad("-", 8);
  }
  console.log(line);
}' "$scratch/rust.json" "$scratch/podium.json"
