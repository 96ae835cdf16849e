// podium get: a stored document.
#include <memory>
#include <optional>
#include <string>

#include "base/format.h"
#include "commands.h"
#include "engine/index_directory.h"
#include "io/json.h"
#include "terminal.h"

namespace podium::cli {
namespace {

struct GetOptions {
  std::string index;
  std::string id;
  bool json = false;
};

Status Get(const GetOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const lexical::IndexReader> reader,
                          engine::OpenIndex(options.index));
  PODIUM_ASSIGN_OR_RETURN(const std::optional<Document> document, reader->Get(options.id));
  if (!document) {
    return NotFound(Format("{}: no document '{}'", options.index, options.id));
  }
  io::Json fields = io::Json::object();
  if (!document->fields.empty()) {
    PODIUM_ASSIGN_OR_RETURN(fields, io::ParseJson(document->fields, "stored fields"));
  }
  if (options.json) {
    io::Json json;
    json["id"] = document->id;
    json["title"] = document->title;
    json["text"] = document->text;
    json["fields"] = std::move(fields);
    Print(io::DumpJson(json) + "\n");
    return Status::Ok();
  }
  if (!document->title.empty()) {
    Print(Styled(document->title, Style::kBold) + "\n\n");
  }
  Print(document->text + "\n");
  if (!fields.empty()) {
    Print("\n");
  }
  for (const auto& [name, value] : fields.items()) {
    Print(Styled(name + ":", Style::kDim) + " " +
          (value.is_string() ? value.get<std::string>() : io::DumpJson(value)) + "\n");
  }
  return Status::Ok();
}

}  // namespace

void AddGetCommand(CommandLine& line) {
  auto options = std::make_shared<GetOptions>();
  CLI::App& command = line.Add("get", "Print a document", [options] { return Get(*options); });
  command.add_option("index", options->index, "Index directory")->required();
  command.add_option("id", options->id, "Id of the document")->required();
  command.add_flag("--json", options->json, "Print it as JSON: id, title, text, fields");
}

}  // namespace podium::cli
