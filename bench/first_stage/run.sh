#!/usr/bin/env bash
# Measures the first stage at 10 k, 100 k and 1 M passages (or the sizes given): documents/s, index size against raw text,
# latency of the top 100. Prints one JSON line per step. Needs PODIUM_DATA (default ../shared/data) with scifact and nfcorpus;
# without it, the descriptions of this machine's packages stand in and short package names are the queries.
# Files go to a folder under TMPDIR and are removed: some 2 GB for a million passages.
set -eu
cd "$(dirname "$0")/../.."
build=${PODIUM_BUILD_DIR:-build/check}
data=${PODIUM_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sizes=("$@")
[ ${#sizes[@]} -gt 0 ] || sizes=(10000 100000 1000000)

if [ -f "$data/scifact/corpus.jsonl" ]; then
  sources=("$data/scifact/corpus.jsonl" "$data/nfcorpus/corpus.jsonl")
  head -n 300 "$data/scifact/queries.jsonl" >"$work/queries.jsonl"
else
  tools/package_descriptions.sh >"$work/packages.jsonl"
  sources=("$work/packages.jsonl")
  awk 'NR % 100 == 0' "$work/packages.jsonl" |
    python3 -c 'import json, sys
for line in sys.stdin:
    d = json.loads(line)
    print(json.dumps({"_id": d["_id"], "text": d["text"].split("\n")[0]}))' | head -n 300 >"$work/queries.jsonl"
fi

for size in "${sizes[@]}"; do
  bench/first_stage/make_corpus.py "$size" "${sources[@]}" >"$work/corpus.jsonl"
  "$build/apps/podium/podium" index "$work/index" "$work/corpus.jsonl" --json
  "$build/bench/first_stage_search_latency" "$work/index" "$work/queries.jsonl" 100
  rm -rf "$work/index" "$work/corpus.jsonl"
done
