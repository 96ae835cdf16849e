// podium model: what a model directory holds, and whether this machine computes it as the reference
// does.
#include "nn/model.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/thread_pool.h"
#include "commands.h"
#include "io/hub_cache.h"
#include "io/json.h"
#include "kernels/kernels.h"
#include "nn/parity.h"
#include "terminal.h"
#include "text_parity.h"

namespace podium::cli {
namespace {

namespace fs = std::filesystem;
using io::Json;

struct ModelOptions {
  std::string model;
  std::string cases;
  std::string isa;
  size_t threads = 0;
  bool json = false;
};

// Why the kernels that run are the ones that run.
std::string KernelReason() {
  const char* forced = std::getenv("PODIUM_FORCE_ISA");
  if (forced != nullptr && *forced != '\0') {
    return "PODIUM_FORCE_ISA";
  }
  std::string others;
  for (const kernels::KernelTable* table : kernels::AvailableKernels()) {
    others += (others.empty() ? "" : ", ") + std::string(table->name);
  }
  return Format("the best that this CPU runs of {}", others);
}

Json InfoToJson(const nn::ModelInfo& info, const fs::path& dir) {
  Json json;
  json["name"] = info.name;
  json["directory"] = dir.string();
  json["family"] = info.family;
  json["architecture"] = info.architecture;
  json["task"] = info.task == nn::ModelTask::kClassify ? "classify" : "embed";
  json["layers"] = info.layers;
  json["hidden_size"] = info.hidden_size;
  json["heads"] = info.heads;
  json["intermediate_size"] = info.intermediate_size;
  json["activation_function"] = info.activation_function;
  json["vocab_size"] = info.vocab_size;
  json["type_vocab_size"] = info.type_vocab_size;
  json["parameters"] = info.parameters;
  json["dtype"] = info.dtype;
  json["max_tokens"] = info.max_tokens;
  json["max_tokens_source"] = info.max_tokens_source;
  json["max_positions"] = info.max_positions;
  json["outputs"] = info.outputs;
  if (info.task == nn::ModelTask::kClassify) {
    json["labels"] = info.labels;
    json["score_activation"] = nn::ScoreActivationName(info.activation);
    json["score_activation_source"] = info.activation_source;
  } else {
    json["pooling"] = info.pooling;
    json["pooling_source"] = info.pooling_source;
    json["normalize"] = info.normalize;
  }
  json["unused_tensors"] = info.unused_tensors;
  json["weight_bytes"] = info.weight_bytes;
  json["kernels"] = info.kernels;
  json["kernels_reason"] = KernelReason();
  json["cpu"] = kernels::CpuDescription();
  return json;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : ", ") + part;
  }
  return text;
}

void PrintInfo(const nn::ModelInfo& info) {
  const auto line = [](std::string_view name, std::string_view value) {
    Print(Format("{:<12}  {}\n", name, value));
  };
  line("model", Styled(info.name, Style::kBold));
  line("family", Format("{} ({})", info.family, info.architecture));
  line("encoder",
       Format("{} layers, hidden size {}, {} heads, feed-forward {}, {}", info.layers,
              info.hidden_size, info.heads, info.intermediate_size, info.activation_function));
  line("vocabulary", Format("{} tokens, {} segment types", info.vocab_size, info.type_vocab_size));
  line("parameters",
       Format("{:.1f} M, {} in the file", static_cast<double>(info.parameters) / 1e6, info.dtype));
  line("max tokens", Format("{} ({})", info.max_tokens, info.max_tokens_source));
  if (info.task == nn::ModelTask::kClassify) {
    line("outputs", Format("{}: {}", info.outputs, Join(info.labels)));
    line("score",
         Format("{} ({})", nn::ScoreActivationName(info.activation), info.activation_source));
  } else {
    line("outputs", Format("a vector of {}{}", info.outputs,
                           info.normalize ? ", normalised to length 1" : ""));
    line("pooling", Format("{} ({})", info.pooling, info.pooling_source));
  }
  if (!info.unused_tensors.empty()) {
    line("not used",
         Format("{} tensors: {}", info.unused_tensors.size(), Join(info.unused_tensors)));
  }
  line("memory", Format("{:.1f} MB of packed weights; the word embeddings stay in the file",
                        static_cast<double>(info.weight_bytes) / 1e6));
  line("kernels", Format("{} ({})", info.kernels, KernelReason()));
  line("cpu", kernels::CpuDescription());
}

Status RunInfo(const ModelOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const fs::path dir, io::ResolveModel(options.model));
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const nn::Model> model, nn::Model::Load(dir));
  if (options.json) {
    Print(io::DumpJson(InfoToJson(model->info(), dir), 2) + "\n");
  } else {
    PrintInfo(model->info());
  }
  return Status::Ok();
}

// Everything that was compared on one instruction set.
struct Check {
  std::optional<nn::ParityReport> outputs;
  std::optional<TextParity> texts;

  bool passed() const { return (!outputs || outputs->passed()) && (!texts || texts->passed()); }
};

Result<std::vector<const kernels::KernelTable*>> ChosenTables(const std::string& isa) {
  if (isa == "all") {
    return kernels::AvailableKernels();
  }
  PODIUM_ASSIGN_OR_RETURN(const kernels::KernelTable* table,
                          isa.empty() ? kernels::ActiveKernels() : kernels::ChooseKernels(isa));
  return std::vector{table};
}

// True if the cases of the file are text pairs.
Result<bool> HoldsTexts(const fs::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const Json json, io::ReadJsonFile(path));
  const auto cases = json.is_object() ? json.find("cases") : json.end();
  return json.is_object() && cases != json.end() && cases->is_array() && !cases->empty() &&
         cases->front().is_object() && cases->front().contains("query");
}

Result<Check> CheckOn(const kernels::KernelTable& table, const fs::path& dir,
                      const std::vector<fs::path>& files, ThreadPool& pool) {
  Check check;
  for (const fs::path& file : files) {
    PODIUM_ASSIGN_OR_RETURN(const bool texts, HoldsTexts(file));
    if (texts) {
      PODIUM_ASSIGN_OR_RETURN(check.texts, CheckTexts(dir, file, table, pool));
    } else {
      PODIUM_ASSIGN_OR_RETURN(check.outputs, nn::CheckParity(dir, file, table, pool));
    }
  }
  return check;
}

Json OutputToJson(const nn::ParityOutput& output) {
  Json json;
  json["output"] = output.name;
  json["primary"] = output.primary;
  json["cases"] = output.cases;
  json["worst"] = output.worst;
  json["worst_case"] = output.worst_case;
  json["noise_floor"] = output.floor;
  json["ratio"] = output.ratio();
  json["passed"] = output.passed();
  return json;
}

Json CheckToJson(const Check& check, const kernels::KernelTable& table) {
  Json json;
  json["kernels"] = table.name;
  json["tolerance"] = nn::kParityTolerance;
  if (check.outputs) {
    json["model"] = check.outputs->model;
    json["reference"] = check.outputs->reference;
    json["outputs"] = Json::array();
    for (const nn::ParityOutput& output : check.outputs->outputs) {
      json["outputs"].push_back(OutputToJson(output));
    }
    json["edge"] = Json::array();
    for (const nn::ParityOutput& output : check.outputs->edge) {
      json["edge"].push_back(OutputToJson(output));
    }
    json["batch"] = {{"cases", check.outputs->batch_cases},
                     {"differences", check.outputs->batch_differences}};
  }
  if (check.texts) {
    json["texts"] = {{"pairs", check.texts->pairs},
                     {"token_differences", check.texts->token_differences},
                     {"logit", OutputToJson(check.texts->logit)},
                     {"sigmoid", OutputToJson(check.texts->sigmoid)}};
  }
  json["passed"] = check.passed();
  return json;
}

void AddOutputRow(const std::string& kernels, const std::string& prefix,
                  const nn::ParityOutput& output, Table& table) {
  table.AddRow(
      {kernels, prefix + output.name, std::to_string(output.cases), Format("{:.2e}", output.worst),
       Format("{:.2e}", output.floor), Format("{:.2f}", output.ratio()),
       Styled(output.passed() ? "ok" : "off", output.passed() ? Style::kGood : Style::kBad),
       output.worst_case});
}

void AddRows(const Check& check, const std::string& kernels, Table& table) {
  if (check.outputs) {
    for (const nn::ParityOutput& output : check.outputs->outputs) {
      AddOutputRow(kernels, "", output, table);
    }
    for (const nn::ParityOutput& output : check.outputs->edge) {
      AddOutputRow(kernels, "edge ", output, table);
    }
  }
  if (check.texts) {
    AddOutputRow(kernels, "text ", check.texts->logit, table);
    AddOutputRow(kernels, "text ", check.texts->sigmoid, table);
  }
}

// What the table has no column for.
void PrintRest(const Check& check, const std::string& kernels) {
  if (check.outputs && check.outputs->batch_cases > 0) {
    Print(Format(
        "{}: batch of {} cases: {}\n", kernels, check.outputs->batch_cases,
        check.outputs->batch_differences == 0
            ? std::string("equal to single runs bit for bit")
            : Format("{} values differ from single runs", check.outputs->batch_differences)));
  }
  if (check.texts) {
    Print(Format("{}: tokens of {} text pairs: {}\n", kernels, check.texts->pairs,
                 check.texts->token_differences == 0
                     ? std::string("all equal")
                     : Format("{} differ, the first is {}", check.texts->token_differences,
                              check.texts->first_difference)));
  }
}

Result<std::vector<fs::path>> CaseFiles(const ModelOptions& options, const fs::path& dir) {
  if (!options.cases.empty()) {
    return std::vector<fs::path>{options.cases};
  }
  std::vector<fs::path> files;
  for (const char* name : {"cases.json", "e2e.json"}) {
    if (fs::exists(dir / name)) {
      files.push_back(dir / name);
    }
  }
  if (files.empty()) {
    return NotFound(
        Format("{}: has neither cases.json nor e2e.json; name a case file", dir.string()));
  }
  return files;
}

Status RunCheck(const ModelOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const fs::path dir, io::ResolveModel(options.model));
  PODIUM_ASSIGN_OR_RETURN(const std::vector<fs::path> files, CaseFiles(options, dir));
  PODIUM_ASSIGN_OR_RETURN(const std::vector<const kernels::KernelTable*> tables,
                          ChosenTables(options.isa));
  ThreadPool pool(options.threads);
  Table rows({"kernels", "output", "cases", "worst error", "noise floor", "ratio", "verdict",
              "worst case"});
  Json json = Json::array();
  std::vector<Check> checks;
  bool passed = true;
  for (const kernels::KernelTable* table : tables) {
    PODIUM_ASSIGN_OR_RETURN(Check check, CheckOn(*table, dir, files, pool));
    passed = passed && check.passed();
    json.push_back(CheckToJson(check, *table));
    AddRows(check, table->name, rows);
    checks.push_back(std::move(check));
  }
  if (options.json) {
    Print(io::DumpJson(options.isa == "all" ? json : json.front(), 2) + "\n");
  } else {
    Print(rows.ToString());
    for (size_t i = 0; i < checks.size(); ++i) {
      PrintRest(checks[i], tables[i]->name);
    }
  }
  if (!passed) {
    PODIUM_RETURN_IF_ERROR(FlushOutput());
    return Internal(Format("{}: not equal to the reference within {} times its noise", dir.string(),
                           nn::kParityTolerance));
  }
  return Status::Ok();
}

}  // namespace

void AddModelCommand(CommandLine& line) {
  CLI::App& group = line.AddGroup("model", "Look at a model, or compare it with its reference");
  auto options = std::make_shared<ModelOptions>();
  const auto add_common = [&options](CLI::App& command) {
    command.add_option("model", options->model, "Model directory, or org/name in the local cache")
        ->required()
        ->type_name("MODEL");
    command.add_flag("--json", options->json, "Print JSON");
  };
  CLI::App& info = line.Add(
      "info", "Describe a model and how it would run here", [options] { return RunInfo(*options); },
      &group);
  add_common(info);
  CLI::App& check = line.Add(
      "check", "Compare outputs with those recorded from the reference",
      [options] { return RunCheck(*options); }, &group);
  add_common(check);
  check
      .add_option("cases", options->cases,
                  "Case file (default: cases.json and e2e.json in the model directory)")
      ->check(CLI::ExistingFile)
      ->type_name("CASES");
  check
      .add_option("--isa", options->isa,
                  "Kernels: scalar, avx2, avx512, or all of them that this CPU runs (default: what "
                  "other commands would use)")
      ->type_name("ISA");
  check.add_option("--threads", options->threads, "Worker threads (default: one per CPU)")
      ->type_name("N");
}

}  // namespace podium::cli
