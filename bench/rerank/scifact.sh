#!/bin/sh
# The whole path on SciFact: index, BM25 run, rerank of its top 100 with random weights of a real shape
# (what counts is time and that scores do not depend on their batch), and the measures.
#
#   bench/rerank/scifact.sh [minilm-l6|bert-base] [queries]
# Needs the check preset's build and the collection under PODIUM_DATA (default: ../shared/data).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
shape=${1:-minilm-l6}
count=${2:-30}
build=${PODIUM_BUILD_DIR:-$root/build/check}
data=${PODIUM_DATA:-$root/../shared/data}/scifact
[ -d "$data" ] || { echo "no SciFact under $data: set PODIUM_DATA" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
podium=$build/apps/podium/podium

"$build/bench/make_checkpoint" "$shape" "$work/$shape" "$root/tests/golden/tokenizers/bert_uncased/tokenizer.json.zst"
"$podium" index "$work/index" "$data/corpus.jsonl"
"$podium" run "$work/index" "$data/queries.jsonl" -o "$work/bm25.trec"
"$podium" eval "$data/qrels/test.tsv" "$work/bm25.trec"
"$build/bench/rerank_one_by_one" "$work/index" "$work/$shape" "$data/queries.jsonl" "$count"
