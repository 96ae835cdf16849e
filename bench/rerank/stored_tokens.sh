#!/bin/sh
# What it is worth to store tokens in an index (podium index --tokens): SciFact indexed without and with them, the first
# queries reranked on both, the time of each stage. Weights are random; the two runs must be equal.
#
#   bench/rerank/stored_tokens.sh [minilm-l6|bert-base] [queries]
# Needs the check preset's build and the collection under PODIUM_DATA (default: ../shared/data).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
shape=${1:-minilm-l6}
count=${2:-10}
build=${PODIUM_BUILD_DIR:-$root/build/check}
data=${PODIUM_DATA:-$root/../shared/data}/scifact
[ -d "$data" ] || { echo "no SciFact under $data: set PODIUM_DATA" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
podium=$build/apps/podium/podium

"$build/bench/make_checkpoint" "$shape" "$work/$shape" "$root/tests/golden/tokenizers/bert_uncased/tokenizer.json.zst"
head -n "$count" "$data/queries.jsonl" > "$work/queries.jsonl"
"$podium" index "$work/plain" "$data/corpus.jsonl"
"$podium" index "$work/stored" "$data/corpus.jsonl" --tokens "$work/$shape"
for index in plain stored; do
  # The first run brings files and pages into memory.
  for turn in 1 2; do
    echo "$index, run $turn"
    "$podium" run "$work/$index" "$work/queries.jsonl" -o "$work/$index.trec" --rerank "$work/$shape" --json
  done
done
cmp "$work/plain.trec" "$work/stored.trec"
echo "the runs are equal"
