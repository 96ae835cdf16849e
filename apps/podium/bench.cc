// podium bench: how fast a model runs here, and where the time goes.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/thread_pool.h"
#include "bench_measure.h"
#include "bench_report.h"
#include "bench_workload.h"
#include "commands.h"
#include "io/file.h"
#include "io/hub_cache.h"
#include "isa_option.h"
#include "nn/models/precision.h"
#include "nn/weights/random_checkpoint.h"
#include "temporary_directory.h"
#include "terminal.h"

namespace podium::cli {
namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::string model;
  std::string shape;
  size_t pairs = 0;
  size_t tokens = 0;
  std::string lengths;
  std::vector<std::string> workloads;
  RunInput run;
  std::vector<size_t> threads;
  std::vector<std::string> precisions;
  std::vector<std::string> isas;
  bench::Effort effort;
  bool json = false;
};

// Fewer results than this say little about their own spread: workload b is checked with them.
constexpr size_t kLeastChecked = 32;

// One set of kernels and one precision.
struct Variant {
  const kernels::KernelTable* table = nullptr;
  nn::PrecisionChoice precision;
};

Status CheckOptions(const BenchOptions& options) {
  if (options.model.empty() == options.shape.empty()) {
    return InvalidArgument("give either --model or --shape");
  }
  const bool synthetic = options.pairs > 0 || options.tokens > 0;
  const int sources = (synthetic ? 1 : 0) + (options.lengths.empty() ? 0 : 1) +
                      (options.workloads.empty() ? 0 : 1) + (options.run.run.empty() ? 0 : 1);
  if (sources > 1) {
    return InvalidArgument(
        "give one workload: --pairs and --tokens, --lengths, --workload, or --run");
  }
  if (options.run.run.empty() != options.run.corpus.empty() ||
      options.run.run.empty() != options.run.queries.empty()) {
    return InvalidArgument("--run, --corpus and --queries go together");
  }
  if (!options.run.run.empty() && options.model.empty()) {
    return InvalidArgument("--run needs --model: a shape has no tokenizer");
  }
  return Status::Ok();
}

Result<std::vector<Variant>> ChooseVariants(const BenchOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const std::vector<const kernels::KernelTable*> tables,
                          TablesFromNames(options.isas));
  const bool all_isas =
      std::find(options.isas.begin(), options.isas.end(), "all") != options.isas.end();
  const std::vector<std::string> every = {"fp32", "bf16x3", "bf16", "int8"};
  const std::vector<std::string>& names = options.precisions.empty() ? every : options.precisions;
  std::vector<Variant> variants;
  Status lacking;
  for (const kernels::KernelTable* table : tables) {
    for (const std::string& name : names) {
      Result<nn::PrecisionChoice> choice =
          nn::ChoosePrecision(PrecisionFromName(name).value_or(Precision::kAuto), *table);
      const bool asked = !options.precisions.empty();
      if (!choice.ok() && asked && !all_isas) {
        return choice.status();
      }
      if (!choice.ok()) {
        lacking = choice.status();
      } else if (std::none_of(variants.begin(), variants.end(), [&](const Variant& other) {
                   return other.table == table && other.precision.precision == choice->precision;
                 })) {
        variants.push_back({table, *std::move(choice)});
      }
    }
  }
  if (variants.empty()) {
    return lacking;
  }
  return variants;
}

Result<std::vector<bench::Workload>> MakeWorkloads(const BenchOptions& options,
                                                   const nn::ModelInfo& model) {
  std::vector<bench::Workload> workloads;
  const auto add = [&](const std::string& name, const std::vector<size_t>& lengths) -> Status {
    PODIUM_ASSIGN_OR_RETURN(bench::Workload made, bench::MakeWorkload(name, lengths, model));
    workloads.push_back(std::move(made));
    return Status::Ok();
  };
  if (!options.run.run.empty()) {
    PODIUM_ASSIGN_OR_RETURN(bench::Workload run, bench::ReadRunWorkload(options.run));
    workloads.push_back(std::move(run));
  } else if (!options.lengths.empty()) {
    PODIUM_ASSIGN_OR_RETURN(const std::vector<size_t> lengths, bench::ReadLengths(options.lengths));
    PODIUM_RETURN_IF_ERROR(add("lengths", lengths));
  } else if (options.pairs > 0 || options.tokens > 0) {
    const size_t pairs = options.pairs > 0 ? options.pairs : 100;
    const size_t tokens = options.tokens > 0 ? options.tokens : 128;
    PODIUM_RETURN_IF_ERROR(add(Format("{}x{}", pairs, tokens), std::vector<size_t>(pairs, tokens)));
  } else {
    const std::vector<std::string> standard = {"a"};
    for (const std::string& name : options.workloads.empty() ? standard : options.workloads) {
      const std::vector<size_t> lengths = bench::FixedLengths(name);
      if (!lengths.empty()) {
        PODIUM_RETURN_IF_ERROR(add(name, lengths));
        continue;
      }
      PODIUM_ASSIGN_OR_RETURN(std::vector<bench::Workload> read, bench::ReadWorkloads(name, model));
      std::move(read.begin(), read.end(), std::back_inserter(workloads));
    }
  }
  return workloads;
}

// A benchmark from the choice of a model to its report.
class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  // Everything that a mistake in the options can spoil.
  Status Prepare();
  // Adds to the report until all is measured, something is wrong, or a stop was asked for.
  Status Measure();
  const bench::Report& report() const { return report_; }

 private:
  Status ChooseModel();
  Status MeasureVariant(const Variant& variant, Progress& progress);
  Result<std::vector<float>> Scores(const nn::Model& model, const bench::Workload& workload);
  size_t MostThreads() const { return *std::max_element(threads_.begin(), threads_.end()); }

  const BenchOptions& options_;
  std::vector<Variant> variants_;
  std::vector<size_t> threads_;
  std::unique_ptr<TemporaryDirectory> temporary_;
  fs::path directory_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
  std::vector<bench::Workload> workloads_;
  bench::Workload companion_;                  // of workloads with few pairs
  std::vector<std::vector<float>> reference_;  // fp32's scores by workload
  std::unique_ptr<ThreadPool> check_pool_;
  bench::Report report_;
};

Status Bench::ChooseModel() {
  if (!options_.model.empty()) {
    PODIUM_ASSIGN_OR_RETURN(directory_, io::ResolveModel(options_.model));
    report_.source = directory_.string();
    return Status::Ok();
  }
  PODIUM_ASSIGN_OR_RETURN(temporary_, TemporaryDirectory::Create());
  directory_ = temporary_->path() / options_.shape;
  report_.source = "random weights";
  return nn::WriteRandomCheckpoint(*nn::ShapeFromName(options_.shape), directory_);
}

Result<std::vector<float>> Bench::Scores(const nn::Model& model, const bench::Workload& workload) {
  PODIUM_ASSIGN_OR_RETURN(std::vector<float> scores,
                          bench::CheckedScores(model, workload, *check_pool_));
  if (workload.pairs() < kLeastChecked) {
    PODIUM_ASSIGN_OR_RETURN(const std::vector<float> more,
                            bench::CheckedScores(model, companion_, *check_pool_));
    scores.insert(scores.end(), more.begin(), more.end());
  }
  return scores;
}

Status Bench::Prepare() {
  PODIUM_ASSIGN_OR_RETURN(variants_, ChooseVariants(options_));
  threads_ = options_.threads.empty() ? std::vector{AvailableCpus()} : options_.threads;
  check_pool_ = std::make_unique<ThreadPool>(MostThreads());
  PODIUM_RETURN_IF_ERROR(ChooseModel());
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const nn::Model> exact,
                          nn::Model::Load(directory_, {.precision = Precision::kFp32}));
  report_.model = exact->info();
  report_.reference_kernels = exact->info().kernels;
  PODIUM_ASSIGN_OR_RETURN(workloads_, MakeWorkloads(options_, exact->info()));
  std::vector<size_t> mixed = bench::FixedLengths("b");
  for (size_t& length : mixed) {
    length = std::min(length, exact->info().max_positions);
  }
  PODIUM_ASSIGN_OR_RETURN(companion_, bench::MakeWorkload("check", mixed, exact->info()));
  if (!options_.run.run.empty()) {
    PODIUM_ASSIGN_OR_RETURN(tokenizer_, text::Tokenizer::Load(directory_));
  }
  for (bench::Workload& workload : workloads_) {
    if (workload.texts) {
      PODIUM_RETURN_IF_ERROR(
          bench::TokenizeAll({exact.get(), tokenizer_.get()}, *check_pool_, workload));
    }
    report_.workloads.push_back(bench::Describe(workload, exact->info()));
    PODIUM_ASSIGN_OR_RETURN(std::vector<float> scores, Scores(*exact, workload));
    reference_.push_back(std::move(scores));
  }
  return Status::Ok();
}

// Refuses what no rounding explains; says where a model does not keep what a precision promises.
Status CheckAgreement(const nn::Agreement& agreement, const Variant& variant,
                      const std::string& workload) {
  const Precision precision = variant.precision.precision;
  const std::string found = Format(
      "{} on {} kernels, workload {}: scores differ from fp32's by up to {:.3g} % of their "
      "standard "
      "deviation",
      PrecisionName(precision), variant.table->name, workload, 100 * agreement.ratio());
  if (!(agreement.ratio() <= nn::FaultLimit(precision))) {
    return Internal(Format("{}; rounding explains {:g} % at most, so it is not timed", found,
                           100 * nn::FaultLimit(precision)));
  }
  if (agreement.ratio() > nn::AgreementLimit(precision)) {
    Log(LogLevel::kWarning, "{}; a trained model is to keep {:g} %", found,
        100 * nn::AgreementLimit(precision));
  }
  return Status::Ok();
}

Status Bench::MeasureVariant(const Variant& variant, Progress& progress) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const nn::Model> model,
                          nn::Model::Load(directory_, {.kernels = variant.table,
                                                       .precision = variant.precision.precision}));
  for (size_t i = 0; i < workloads_.size(); ++i) {
    PODIUM_ASSIGN_OR_RETURN(const std::vector<float> scores, Scores(*model, workloads_[i]));
    const nn::Agreement agreement = nn::Compare(reference_[i], scores);
    PODIUM_RETURN_IF_ERROR(CheckAgreement(agreement, variant, workloads_[i].name));
    for (const size_t threads : threads_) {
      ThreadPool pool(threads);
      bench::Entry entry{.workload = i,
                         .precision = variant.precision.precision,
                         .table = variant.table,
                         .threads = threads,
                         .agreement = agreement,
                         .weight_bytes = model->info().weight_bytes};
      entry.peak = bench::MeasurePeak(*variant.table, variant.precision.numbers, pool);
      PODIUM_ASSIGN_OR_RETURN(
          entry.passes, bench::TimeWorkload({model.get(), tokenizer_.get()}, workloads_[i], pool,
                                            options_.effort));
      report_.entries.push_back(std::move(entry));
      progress.Add(1);
    }
  }
  return Status::Ok();
}

Status Bench::Measure() {
  Progress progress("benchmark", "measurements",
                    variants_.size() * workloads_.size() * threads_.size());
  for (const Variant& variant : variants_) {
    PODIUM_RETURN_IF_ERROR(MeasureVariant(variant, progress));
  }
  return Status::Ok();
}

Status RunBench(const BenchOptions& options) {
  PODIUM_RETURN_IF_ERROR(CheckOptions(options));
  Bench runner(options);
  PODIUM_RETURN_IF_ERROR(runner.Prepare());
  const Status status = runner.Measure();
  // What was measured before an end that came early is worth its print.
  if (status.ok() || !runner.report().entries.empty()) {
    Print(options.json ? io::DumpJson(bench::ToJson(runner.report()), 2) + "\n"
                       : bench::ToText(runner.report()));
    PODIUM_RETURN_IF_ERROR(FlushOutput());
  }
  return status;
}

void AddWorkloadOptions(CLI::App& command, BenchOptions& options) {
  command.add_option("--pairs", options.pairs, "One request of N pairs (default: 100)")
      ->check(CLI::Range(size_t{1}, bench::kMaxPairs).description(""))
      ->type_name("N");
  command
      .add_option("--tokens", options.tokens,
                  "Tokens of each, special tokens included (default: 128)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command
      .add_option("--lengths", options.lengths,
                  "One request of pairs of these lengths: tokens:count,… or a file with a line "
                  "\"tokens count\" for each")
      ->type_name("LENGTHS");
  command
      .add_option(
          "--workload", options.workloads,
          "Requests: a (100 pairs of 128 tokens; default), b (100 of mixed lengths), c (one "
          "of 128), d (100 of 256), or a JSON file of token ids, or FILE:NAME for one "
          "request of it")
      ->delimiter(',')
      ->type_name("WORKLOAD");
  AddRunInputOptions(command, options.run, false);
}

}  // namespace

void AddBenchCommand(CommandLine& line) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App& command = line.Add("bench", "Measure how fast a model runs here",
                               [options] { return RunBench(*options); });
  command.add_option("--model", options->model, "Model: a directory or org/name")
      ->type_name("MODEL");
  command
      .add_option("--shape", options->shape, "Or the shape of a known model, with random weights")
      ->check(CLI::IsMember(nn::ShapeNames()))
      ->type_name("SHAPE");
  AddWorkloadOptions(command, *options);
  command
      .add_option("--precision", options->precisions,
                  "Precisions to measure, with commas between (default: all that the kernels have)")
      ->delimiter(',')
      ->check(CLI::IsMember({"auto", "fp32", "bf16", "bf16x3", "int8"}))
      ->type_name("PRECISION");
  command
      .add_option("--isa", options->isas,
                  "Kernels to measure, with commas between, or all (default: those that other "
                  "commands use)")
      ->delimiter(',')
      ->type_name("ISA");
  command
      .add_option("--threads", options->threads,
                  "Numbers of worker threads, with commas between (default: one per CPU)")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command.add_option("--repeat", options->effort.passes, "Passes over all requests, at least")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--min-time", options->effort.seconds, "Seconds to measure, at least")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("SECONDS");
  command.add_flag("--json", options->json, "Print JSON");
}

}  // namespace podium::cli
