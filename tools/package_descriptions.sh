#!/usr/bin/env bash
# Writes one JSON line for every package that apt knows: {"_id", "title", "text", "section", "homepage"}.
#
# apt's own lists give the short descriptions (`apt-cache dumpavail`), the translation lists the long ones. Many small
# installations leave the translations out; then both are fetched into build/demo/apt, which needs no root and changes
# nothing of the system. Without a network the short descriptions have to do.
set -eu
cd "$(dirname "$0")/.."
private=$PWD/build/demo/apt
system_lists=$(apt-config shell lists Dir::State::lists/d | cut -d"'" -f2)
private_options=(-o "Dir::State::lists=$private/lists" -o "Dir::Cache=$private/cache" -o "APT::Sandbox::User=")

translations() { find "$1" -maxdepth 1 -name '*i18n_Translation-en*' 2>/dev/null; }

lists=$system_lists
options=()
if [ -z "$(translations "$system_lists")" ]; then
  mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
  if [ -n "$(translations "$private/lists")" ] ||
    apt-get "${private_options[@]}" -o Acquire::Languages=en update -qq >&2 </dev/null; then
    lists=$private/lists
    options=("${private_options[@]}")
  else
    echo "The long descriptions could not be fetched; the short ones have to do." >&2
  fi
fi

# Descriptions first (by MD5 sum of the text, as Debian links them), then the packages.
{
  translations "$lists" | while read -r file; do /usr/lib/apt/apt-helper cat-file "$file"; done
  echo "#packages"
  apt-cache "${options[@]}" dumpavail
} | LC_ALL=C awk '
  function json(s) {
    gsub(/[\\"]/, "\\\\&", s); gsub(/\t/, " ", s); gsub(/\n/, "\\n", s)
    gsub(/[\001-\037]/, "", s)
    return "\"" s "\""
  }
  # Continuation lines start with a space; " ." is an empty line.
  function body(line) { sub(/^ /, "", line); return line == "." ? "" : line }
  function end_stanza() {
    if (!packages) {
      if (sum != "") long[sum] = text
    } else if (name != "" && !(name in seen)) {
      seen[name] = 1
      if (sum in long) text = long[sum]
      # The name goes into the text too, so that it can be searched for.
      printf "{\"_id\":%s,\"title\":%s,\"text\":%s,\"section\":%s,\"homepage\":%s}\n",
             json(name), json(summary), json((text == "" ? "" : text "\n\n") name), json(section), json(homepage)
    }
    name = sum = text = summary = section = homepage = field = ""
  }
  $0 == "#packages" { end_stanza(); packages = 1; next }
  $0 == "" { end_stanza(); next }
  /^ / { if (field == "description") text = text (text == "" ? "" : "\n") body($0); next }
  {
    field = ""
    value = $0; sub(/^[^:]*: */, "", value)
    if ($1 == "Package:") name = value
    else if ($1 == "Description:" || $1 == "Description-en:") { summary = value; field = "description" }
    else if ($1 == "Description-md5:") sum = value
    else if ($1 == "Section:") section = value
    else if ($1 == "Homepage:") homepage = value
  }
  END { end_stanza(); if (length(seen) == 0) { exit 3 } }' ||
  {
    echo "apt knows no packages here: run 'apt-get update' as root first." >&2
    exit 1
  }
