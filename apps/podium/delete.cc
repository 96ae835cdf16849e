// podium delete: documents out of an index.
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/progress.h"
#include "commands.h"
#include "engine/index_directory.h"
#include "io/json.h"
#include "terminal.h"

namespace podium::cli {
namespace {

struct DeleteOptions {
  std::string index;
  std::vector<std::string> ids;
  bool json = false;
};

Status Delete(const DeleteOptions& options) {
  // Opening for writing would make an index.
  PODIUM_RETURN_IF_ERROR(engine::OpenIndex(options.index).status());
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<engine::IndexSession> session,
                          engine::IndexSession::Open(options.index));
  uint64_t deleted = 0;
  std::vector<std::string> missing;
  for (const std::string& id : options.ids) {
    PODIUM_ASSIGN_OR_RETURN(const bool found, session->writer().Delete(id));
    if (found) {
      ++deleted;
    } else {
      missing.push_back(id);
    }
  }
  if (deleted > 0) {
    PODIUM_RETURN_IF_ERROR(session->Commit());
  }
  const uint64_t left = session->writer().documents();
  if (options.json) {
    io::Json json;
    json["deleted"] = deleted;
    json["missing"] = missing;
    json["documents"] = left;
    Print(io::DumpJson(json) + "\n");
  } else {
    Print(Format("{} deleted, {} documents left\n", GroupDigits(deleted), GroupDigits(left)));
  }
  if (missing.empty()) {
    return Status::Ok();
  }
  std::string names;
  for (const std::string& id : missing) {
    names += (names.empty() ? "'" : ", '") + id + "'";
  }
  return NotFound(Format("{}: no document {}", options.index, names));
}

}  // namespace

void AddDeleteCommand(CommandLine& line) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App& command =
      line.Add("delete", "Delete documents; those that exist go even if others are unknown",
               [options] { return Delete(*options); });
  command.add_option("index", options->index, "Index directory")->required();
  command.add_option("ids", options->ids, "Ids of the documents; an unknown one is exit code 1")
      ->required();
  command.add_flag("--json", options->json, "Print the counts as JSON");
}

}  // namespace podium::cli
