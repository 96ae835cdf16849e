#include "passages.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "podium/engine.h"

#include "base/format.h"
#include "base/utf8.h"
#include "io/document_reader.h"
#include "io/line_reader.h"

namespace podium::cli {
namespace {

bool LooksLikeDocuments(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return true;
  }
  std::filesystem::path name(path);
  if (name.extension() == ".gz" || name.extension() == ".zst") {
    name = name.stem();
  }
  constexpr std::array<std::string_view, 5> kExtensions = {".jsonl", ".ndjson", ".json", ".csv",
                                                           ".tsv"};
  for (const std::string_view extension : kExtensions) {
    if (name.extension() == extension) {
      return true;
    }
  }
  return false;
}

Status ReadLines(const std::string& path, std::vector<Document>& passages) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<io::LineReader> reader, io::LineReader::Open(path));
  while (true) {
    PODIUM_ASSIGN_OR_RETURN(const std::optional<std::string_view> line, reader->Next());
    if (!line.has_value()) {
      return Status::Ok();
    }
    Document passage;
    passage.id = std::to_string(passages.size() + 1);
    passage.text = ReplaceInvalidUtf8(*line);
    passages.push_back(std::move(passage));
  }
}

Status ReadDocuments(const std::string& path, const PassageInput& input,
                     std::vector<Document>& passages) {
  io::DocumentReaderOptions options;
  PODIUM_ASSIGN_OR_RETURN(options.format, io::ParseDocumentFormat(input.format));
  options.id_field = input.id_field;
  options.text_field = input.text_field;
  options.title_field = input.title_field;
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<io::DocumentReader> reader,
                          io::OpenDocuments(path, options));
  while (true) {
    PODIUM_ASSIGN_OR_RETURN(std::optional<Document> document, reader->Next());
    if (!document.has_value()) {
      return Status::Ok();
    }
    passages.push_back(*std::move(document));
  }
}

}  // namespace

void AddPassageOptions(CLI::App& command, PassageInput& input) {
  command
      .add_option("files", input.files,
                  "Passages, one a line, or documents as 'podium index' reads them (default: "
                  "standard input)")
      ->type_name("FILES");
  command.add_option("--format", input.format, "auto, lines, jsonl, csv, tsv or folder")
      ->check(CLI::IsMember({"auto", "lines", "jsonl", "csv", "tsv", "folder"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  command.add_option("--id-field", input.id_field, "Field with the id (default: _id, id or docid)")
      ->type_name("NAME");
  command
      .add_option("--text-field", input.text_field,
                  "Field with the text (default: text or contents)")
      ->type_name("NAME");
  command.add_option("--title-field", input.title_field, "Field with the title (default: title)")
      ->type_name("NAME");
}

Result<std::vector<Document>> ReadPassages(const PassageInput& input) {
  std::vector<Document> passages;
  const std::vector<std::string> files =
      input.files.empty() ? std::vector<std::string>{"-"} : input.files;
  for (const std::string& file : files) {
    const bool lines =
        input.format == "lines" || (input.format == "auto" && !LooksLikeDocuments(file));
    PODIUM_RETURN_IF_ERROR(lines ? ReadLines(file, passages)
                                 : ReadDocuments(file, input, passages));
  }
  if (passages.empty()) {
    return InvalidArgument("no passages: the input is empty");
  }
  return passages;
}

Result<std::unordered_map<std::string, std::string>> LoadPassages(
    const std::string& corpus, const std::unordered_set<std::string>& wanted) {
  std::unordered_map<std::string, std::string> passages;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(corpus) / "podium.json", ignored)) {
    PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open({.index = corpus}));
    for (const std::string& id : wanted) {
      PODIUM_ASSIGN_OR_RETURN(const std::optional<Document> document, engine->Get(id));
      if (document.has_value()) {
        passages.emplace(id, PassageText(*document));
      }
    }
    return passages;
  }
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<io::DocumentReader> reader,
                          io::OpenDocuments(corpus, {}));
  while (true) {
    PODIUM_ASSIGN_OR_RETURN(const std::optional<Document> document, reader->Next());
    if (!document.has_value()) {
      return passages;
    }
    if (wanted.contains(document->id)) {
      passages.insert_or_assign(document->id, PassageText(*document));
    }
  }
}

}  // namespace podium::cli
