#!/usr/bin/env bash
# Installs what is missing, builds the program, and lets it answer questions about real text: the descriptions of
# all software packages of this Debian. The second run skips what is up to date; remove build/demo to start over.
set -eu
cd "$(dirname "$0")"
. tools/setup.sh
podium_setup build
. tools/ccache.sh

[ -f build/release/build.ninja ] || cmake --preset release
cmake --build --preset release
podium=build/release/apps/podium/podium

mkdir -p build/demo
corpus=build/demo/packages.jsonl
index=build/demo/index
if [ ! -s "$corpus" ]; then
  tools/package_descriptions.sh >"$corpus.part"
  mv "$corpus.part" "$corpus"
fi
if [ ! -f build/demo/indexed ]; then
  echo "Indexing $(wc -l <"$corpus") package descriptions"
  "$podium" index "$index" "$corpus"
  touch build/demo/indexed
fi

ask() {
  printf '\n$ %s search %s "%s" --top 3\n' "$podium" "$index" "$1"
  "$podium" search "$index" "$1" --top 3
}
ask "turn a scanned pdf into text"
ask "show which folders use the most disk space"
ask "make a song slower without changing the pitch"
ask "learn to type with ten fingers"
ask "play chess against the computer"

cat <<END

Ask more, one question after the other:     $podium search $index
The same as JSON for a program:             $podium search $index "recover deleted photos" --json
Index your own files (JSONL, CSV, text):    $podium index my-index FILES...
Put the best on top with a cross-encoder:   $podium search $index "play chess" --rerank MODEL_FOLDER
END
