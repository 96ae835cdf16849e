// podium info: what an index holds.
#include <memory>
#include <string>

#include "base/format.h"
#include "base/progress.h"
#include "byte_size.h"
#include "commands.h"
#include "engine/index_directory.h"
#include "io/json.h"
#include "terminal.h"
#include "token_report.h"

namespace podium::cli {
namespace {

struct InfoOptions {
  std::string index;
  bool json = false;
};

Status Info(const InfoOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const engine::IndexInfo info, engine::ReadIndexInfo(options.index));
  if (options.json) {
    io::Json json;
    json["index"] = options.index;
    json["format_version"] = info.format_version;
    json["generation"] = info.stats.generation;
    json["documents"] = info.stats.documents;
    json["average_length"] = info.stats.average_length;
    PODIUM_ASSIGN_OR_RETURN(json["analyzer"], io::ParseJson(info.analyzer.ToJson(), "analyzer"));
    json["bytes"] = info.bytes;
    json["tokens"] = TokensToJson(info.tokens);
    Print(io::DumpJson(json) + "\n");
    return Status::Ok();
  }
  Print(Format("documents       {}\n", GroupDigits(info.stats.documents)));
  Print(Format("terms each      {:.1f} on average\n", info.stats.average_length));
  Print(Format("language        {}{}\n", info.analyzer.language,
               info.analyzer.stop_words ? "" : ", stop words kept"));
  Print(Format("size            {}\n", FormatBytes(info.bytes)));
  for (const engine::TokenCacheInfo& cache : info.tokens) {
    Print(Format("tokens          {}\n", DescribeTokens(cache)));
  }
  Print(Format("generation      {}\n", info.stats.generation));
  Print(Format("format version  {}\n", info.format_version));
  return Status::Ok();
}

}  // namespace

void AddInfoCommand(CommandLine& line) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App& command =
      line.Add("info", "Say what an index holds", [options] { return Info(*options); });
  command.add_option("index", options->index, "Index directory")->required();
  command.add_flag("--json", options->json, "Print it as JSON");
}

}  // namespace podium::cli
