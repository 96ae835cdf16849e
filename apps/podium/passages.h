// Passages that a command is given: lines, records of a file, or documents of an index.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "podium/document.h"
#include "podium/status.h"

#include "command.h"

namespace podium::cli {

struct PassageInput {
  std::vector<std::string> files;  // none: standard input
  std::string format = "auto";
  std::string id_field;
  std::string text_field;
  std::string title_field;
};

// Adds FILES, --format, --id-field, --text-field and --title-field.
void AddPassageOptions(CLI::App& command, PassageInput& input);

// All passages in order. With format "auto" a folder, or a file named .jsonl, .ndjson, .json, .csv
// or .tsv (before .gz or .zst), holds documents; anything else, standard input too, one passage a
// line, whose id is its number over all files. An input without a passage is an error.
Result<std::vector<Document>> ReadPassages(const PassageInput& input);

// What a model reads (PassageText) of each wanted document of a corpus file, a folder or an index
// directory, by id. Documents that are not there are left out.
Result<std::unordered_map<std::string, std::string>> LoadPassages(
    const std::string& corpus, const std::unordered_set<std::string>& wanted);

}  // namespace podium::cli
