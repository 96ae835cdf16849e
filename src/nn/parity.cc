#include "nn/parity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/format.h"
#include "io/json.h"
#include "nn/model.h"

namespace podium::nn {
namespace {

using io::Json;

struct Case {
  std::string name;
  std::vector<int32_t> ids;
  std::vector<int32_t> types;  // empty: zeros
  bool edge = false;
  const Json* json = nullptr;
};

// Stays where it was made: the cases point into `json`.
struct CaseFile {
  // NOLINTNEXTLINE(bugprone-exception-escape): only out of memory throws in a JSON null
  CaseFile() = default;
  CaseFile(const CaseFile&) = delete;
  CaseFile& operator=(const CaseFile&) = delete;

  std::string where;
  Json json;
  std::string kind;
  std::string primary;
  std::vector<Case> cases;
  std::vector<size_t> batch;  // indices of cases
};

Status Malformed(const std::string& where, std::string_view what) {
  return DataCorruption(Format("{}: {}", where, what));
}

Result<std::vector<int32_t>> ReadIds(const Json& object, std::string_view key,
                                     const std::string& where) {
  std::vector<int32_t> ids;
  const auto found = object.find(key);
  if (found == object.end()) {
    return ids;
  }
  if (!found->is_array()) {
    return Malformed(where, Format("{}: expected an array of token ids", key));
  }
  for (const Json& value : *found) {
    if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
        value.get<int64_t>() > std::numeric_limits<int32_t>::max()) {
      return Malformed(where, Format("{}: {} is not a token id", key, io::DumpJson(value)));
    }
    ids.push_back(value.get<int32_t>());
  }
  return ids;
}

Status ReadCases(CaseFile& file) {
  const auto cases = file.json.find("cases");
  if (cases == file.json.end() || !cases->is_array() || cases->empty()) {
    return Malformed(file.where, "expected an array \"cases\" that is not empty");
  }
  for (const Json& json : *cases) {
    Case item;
    PODIUM_ASSIGN_OR_RETURN(item.name, io::JsonGet<std::string>(json, "name", file.where));
    const std::string where = Format("{}: case \"{}\"", file.where, item.name);
    PODIUM_ASSIGN_OR_RETURN(item.ids, ReadIds(json, "input_ids", where));
    PODIUM_ASSIGN_OR_RETURN(item.types, ReadIds(json, "token_type_ids", where));
    PODIUM_ASSIGN_OR_RETURN(item.edge, io::JsonGetOr<bool>(json, "edge", false, where));
    if (item.ids.empty() || (!item.types.empty() && item.types.size() != item.ids.size())) {
      return Malformed(
          where, Format("{} input_ids and {} token_type_ids", item.ids.size(), item.types.size()));
    }
    item.json = &json;
    file.cases.push_back(std::move(item));
  }
  return Status::Ok();
}

Status ReadBatch(CaseFile& file) {
  const auto batch = file.json.find("batch");
  if (batch == file.json.end()) {
    return Status::Ok();
  }
  for (const Json& name : batch->is_array() ? *batch : Json::array({*batch})) {
    const auto found = std::find_if(file.cases.begin(), file.cases.end(), [&](const Case& item) {
      return name.is_string() && item.name == name.get<std::string>();
    });
    if (found == file.cases.end()) {
      return Malformed(file.where, Format("batch: no case is named {}", io::DumpJson(name)));
    }
    file.batch.push_back(static_cast<size_t>(found - file.cases.begin()));
  }
  return Status::Ok();
}

Result<std::unique_ptr<CaseFile>> ReadCaseFile(const std::filesystem::path& path) {
  auto file = std::make_unique<CaseFile>();
  file->where = path.string();
  PODIUM_ASSIGN_OR_RETURN(file->json, io::ReadJsonFile(path));
  PODIUM_ASSIGN_OR_RETURN(file->kind, io::JsonGet<std::string>(file->json, "kind", file->where));
  if (file->kind != "classify" && file->kind != "embed") {
    return Unsupported(
        Format("{}: kind \"{}\" is not one of classify, embed", file->where, file->kind));
  }
  PODIUM_ASSIGN_OR_RETURN(file->primary,
                          io::JsonGet<std::string>(file->json, "primary", file->where));
  PODIUM_RETURN_IF_ERROR(ReadCases(*file));
  PODIUM_RETURN_IF_ERROR(ReadBatch(*file));
  return file;
}

// The noise that the file states for `output`, or for its primary output, or what the golden models
// have at most.
double NoiseFloor(const CaseFile& file, const std::string& output) {
  constexpr double kUsual = 1e-6;
  const Json none = Json::object();
  const auto find = [&none](const Json& object, const std::string& key) -> const Json& {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : none;
  };
  const Json& floors = find(find(file.json, "report"), "noise_floor_max_abs_f32_vs_f64");
  for (const std::string& key : {output, file.primary}) {
    const Json& value = find(floors, key);
    if (value.is_number() && value.get<double>() > 0) {
      return value.get<double>();
    }
  }
  return kUsual;
}

// The numbers of nested arrays, in order.
Status Flatten(const Json& value, const std::string& where, std::vector<double>& out) {
  if (value.is_number()) {
    out.push_back(value.get<double>());
    return Status::Ok();
  }
  if (!value.is_array()) {
    return Malformed(where, Format("expected numbers, found {}", io::JsonTypeName(value)));
  }
  for (const Json& item : value) {
    PODIUM_RETURN_IF_ERROR(Flatten(item, where, out));
  }
  return Status::Ok();
}

// The recorded values of an output: those of the float64 run where there are any. Empty: none.
Result<std::vector<double>> Expected(const CaseFile& file, const Case& item,
                                     const std::string& output) {
  std::string key = output + "_f64";
  auto found = item.json->find(key);
  if (found == item.json->end()) {
    key = output;
    found = item.json->find(key);
  }
  std::vector<double> values;
  if (found == item.json->end()) {
    return values;
  }
  PODIUM_RETURN_IF_ERROR(
      Flatten(*found, Format("{}: case \"{}\": {}", file.where, item.name, key), values));
  return values;
}

double WorstDifference(std::span<const float> actual, std::span<const double> expected) {
  double worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(static_cast<double>(actual[i]) - expected[i]);
    worst = difference <= worst ? worst : difference;  // also takes a NaN
  }
  return std::isfinite(worst) ? worst : std::numeric_limits<double>::infinity();
}

// Collects differences of one output, ordinary and edge cases apart.
class Tally {
 public:
  Tally(const CaseFile& file, const std::string& output) : file_(file), output_(output) {
    for (ParityOutput* out : {&usual_, &edge_}) {
      out->name = output;
      out->primary = output == file.primary;
      out->floor = NoiseFloor(file, output);
    }
  }

  // `place` is added to the case's name ("layer 3").
  Status Add(const Case& item, std::span<const float> actual, std::span<const double> expected,
             const std::string& place = "") {
    if (actual.size() != expected.size()) {
      return Malformed(file_.where, Format("case \"{}\": {} has {} values, the model gives {}",
                                           item.name, output_, expected.size(), actual.size()));
    }
    ParityOutput& out = item.edge ? edge_ : usual_;
    const double worst = WorstDifference(actual, expected);
    if (worst >= out.worst) {
      out.worst = worst;
      out.worst_case = place.empty() ? item.name : item.name + ", " + place;
    }
    return Status::Ok();
  }
  void CountCase(const Case& item) { ++(item.edge ? edge_ : usual_).cases; }

  void Report(ParityReport& report) {
    if (usual_.cases > 0) {
      report.outputs.push_back(usual_);
    }
    if (edge_.cases > 0) {
      report.edge.push_back(edge_);
    }
  }

 private:
  const CaseFile& file_;
  std::string output_;
  ParityOutput usual_;
  ParityOutput edge_;
};

TokenBatch BatchOf(const Case& item) {
  TokenBatch batch;
  batch.Add(item.ids, item.types);
  return batch;
}

// What Run returns, one case at a time.
Status CheckOutput(const CaseFile& file, const Model& model, const std::string& output,
                   ThreadPool& pool, ParityReport& report) {
  Tally tally(file, output);
  for (const Case& item : file.cases) {
    PODIUM_ASSIGN_OR_RETURN(const std::vector<double> expected, Expected(file, item, output));
    if (expected.empty()) {
      continue;
    }
    PODIUM_ASSIGN_OR_RETURN(const std::vector<float> actual, model.Run(BatchOf(item), pool));
    PODIUM_RETURN_IF_ERROR(tally.Add(item, actual, expected));
    tally.CountCase(item);
  }
  tally.Report(report);
  return Status::Ok();
}

// The states of one sequence after every stage, the embeddings first.
Result<std::vector<std::vector<float>>> RunHidden(const Model& model, const Case& item,
                                                  ThreadPool& pool) {
  std::vector<std::vector<float>> states(model.info().layers + 1);
  const StateObserver observer = [&states](size_t stage, size_t, std::span<const float> values) {
    states[stage].assign(values.begin(), values.end());
  };
  PODIUM_RETURN_IF_ERROR(model.Run(BatchOf(item), pool, {.observer = observer}).status());
  return states;
}

// Compares stage by stage, so that the report names the stage that is off.
Status AddStages(const CaseFile& file, const Case& item, const Json& expected_stages,
                 const std::vector<std::vector<float>>& states, Tally& tally) {
  const std::string where = Format("{}: case \"{}\": hidden_states", file.where, item.name);
  if (!expected_stages.is_array() || expected_stages.size() != states.size()) {
    return Malformed(where, Format("expected {} stages", states.size()));
  }
  for (size_t stage = 0; stage < states.size(); ++stage) {
    std::vector<double> expected;
    PODIUM_RETURN_IF_ERROR(Flatten(expected_stages[stage], where, expected));
    PODIUM_RETURN_IF_ERROR(tally.Add(item, states[stage], expected, Format("stage {}", stage)));
  }
  tally.CountCase(item);
  return Status::Ok();
}

Status CheckHiddenOf(const Case& item, const CaseFile& file, const Model& model, ThreadPool& pool,
                     Tally& hidden, Tally& last) {
  const auto stages = item.json->find("hidden_states");
  PODIUM_ASSIGN_OR_RETURN(const std::vector<double> expected_last,
                          Expected(file, item, "last_hidden_state"));
  if (stages == item.json->end() && expected_last.empty()) {
    return Status::Ok();
  }
  PODIUM_ASSIGN_OR_RETURN(const std::vector<std::vector<float>> states,
                          RunHidden(model, item, pool));
  if (stages != item.json->end()) {
    PODIUM_RETURN_IF_ERROR(AddStages(file, item, *stages, states, hidden));
  }
  if (!expected_last.empty()) {
    PODIUM_RETURN_IF_ERROR(last.Add(item, states.back(), expected_last));
    last.CountCase(item);
  }
  return Status::Ok();
}

Status CheckHidden(const CaseFile& file, const Model& model, ThreadPool& pool,
                   ParityReport& report) {
  Tally hidden(file, "hidden_states");
  Tally last(file, "last_hidden_state");
  for (const Case& item : file.cases) {
    PODIUM_RETURN_IF_ERROR(CheckHiddenOf(item, file, model, pool, hidden, last));
  }
  last.Report(report);
  hidden.Report(report);
  return Status::Ok();
}

Status CheckBatch(const CaseFile& file, const Model& model, ThreadPool& pool,
                  ParityReport& report) {
  if (file.batch.empty()) {
    return Status::Ok();
  }
  TokenBatch batch;
  std::vector<float> single;
  for (const size_t index : file.batch) {
    const Case& item = file.cases[index];
    batch.Add(item.ids, item.types);
    PODIUM_ASSIGN_OR_RETURN(const std::vector<float> alone, model.Run(BatchOf(item), pool));
    single.insert(single.end(), alone.begin(), alone.end());
  }
  PODIUM_ASSIGN_OR_RETURN(const std::vector<float> mixed, model.Run(batch, pool));
  report.batch_cases = file.batch.size();
  for (size_t i = 0; i < single.size(); ++i) {
    const bool same = std::bit_cast<uint32_t>(single[i]) == std::bit_cast<uint32_t>(mixed[i]);
    report.batch_differences += same ? 0 : 1;
  }
  return Status::Ok();
}

struct Probe {
  std::string output;
  std::optional<Pooling> pooling;
  bool normalize = false;
};

// The outputs that the file records, and how to ask a model for each.
std::vector<Probe> ProbesOf(const CaseFile& file) {
  std::vector<Probe> probes = {{"logits", std::nullopt, false}};
  if (file.kind == "embed") {
    probes = {{"mean", Pooling::kMean, false},
              {"mean_normalized", Pooling::kMean, true},
              {"cls", Pooling::kCls, false},
              {"cls_normalized", Pooling::kCls, true},
              {"pooler_output", Pooling::kPooler, false}};
  }
  std::erase_if(probes, [&file](const Probe& probe) {
    return std::none_of(file.cases.begin(), file.cases.end(),
                        [&probe](const Case& item) { return item.json->contains(probe.output); });
  });
  return probes;
}

Result<std::unique_ptr<const Model>> LoadFor(const Probe& probe, const CaseFile& file,
                                             const std::filesystem::path& dir,
                                             const kernels::KernelTable& table) {
  LoadOptions options;
  options.kernels = &table;
  options.pooling = probe.pooling;
  options.normalize = probe.normalize;
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<const Model> model, Model::Load(dir, options));
  const bool classifies = model->info().task == ModelTask::kClassify;
  if (classifies != (file.kind == "classify")) {
    return InvalidArgument(Format("{}: cases of kind \"{}\" do not fit a {}", file.where, file.kind,
                                  model->info().architecture));
  }
  return model;
}

}  // namespace

bool ParityReport::passed() const {
  return batch_differences == 0 && !outputs.empty() &&
         std::all_of(outputs.begin(), outputs.end(),
                     [](const ParityOutput& output) { return output.passed(); });
}

Result<ParityReport> CheckParity(const std::filesystem::path& dir,
                                 const std::filesystem::path& cases_path,
                                 const kernels::KernelTable& table, ThreadPool& pool) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<CaseFile> file, ReadCaseFile(cases_path));
  ParityReport report;
  report.kernels = table.name;
  PODIUM_ASSIGN_OR_RETURN(report.model,
                          io::JsonGetOr<std::string>(file->json, "arch", "", file->where));
  PODIUM_ASSIGN_OR_RETURN(report.reference,
                          io::JsonGetOr<std::string>(file->json, "reference", "", file->where));
  bool first = true;
  for (const Probe& probe : ProbesOf(*file)) {
    PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const Model> model,
                            LoadFor(probe, *file, dir, table));
    PODIUM_RETURN_IF_ERROR(CheckOutput(*file, *model, probe.output, pool, report));
    if (!std::exchange(first, false)) {
      continue;
    }
    PODIUM_RETURN_IF_ERROR(CheckBatch(*file, *model, pool, report));
    PODIUM_RETURN_IF_ERROR(CheckHidden(*file, *model, pool, report));
  }
  return report;
}

}  // namespace podium::nn
