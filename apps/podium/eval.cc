#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/log.h"
#include "commands.h"
#include "eval/report.h"
#include "terminal.h"

namespace podium::cli {
namespace {

enum class ReportForm { kText, kJson, kCsv, kMarkdown, kTrec };

struct EvalOptions {
  std::string qrels;
  std::vector<std::string> runs;
  std::vector<std::string> measures;
  std::string baseline;
  eval::EvaluateOptions evaluate;
  bool float32_scores = false;
  eval::RandomisationOptions randomisation;
  bool per_query = false;
  ReportForm form = ReportForm::kText;
  bool json = false;
};

// File names where they tell the runs apart, else the paths as given.
std::vector<std::string> RunNames(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    std::string name = std::filesystem::path(path).filename().string();
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
      return paths;
    }
    names.push_back(std::move(name));
  }
  return names;
}

// Position of the baseline among the runs; runs.size() if it is none of them.
size_t FindBaseline(const EvalOptions& options) {
  const auto found = options.baseline.empty()
                         ? options.runs.begin()
                         : std::find(options.runs.begin(), options.runs.end(), options.baseline);
  return static_cast<size_t>(found - options.runs.begin());
}

// Wrong uses that no single option shows. Throws CLI::ValidationError, which the parser reports.
void CheckUsage(const EvalOptions& options) {
  if (options.form == ReportForm::kTrec && !options.json && options.runs.size() > 1) {
    throw CLI::ValidationError("--format", "trec prints one run at a time, as trec_eval does");
  }
  if (FindBaseline(options) == options.runs.size()) {
    throw CLI::ValidationError("--baseline", options.baseline + " is not one of the runs given");
  }
}

std::string CountQueries(size_t count) {
  return Format("{} {}", count, count == 1 ? "query" : "queries");
}

// What a reader of the numbers should know and would not see.
void Warn(const eval::ReportedRun& run, bool complete) {
  const eval::Evaluation& evaluation = run.evaluation;
  const std::vector<std::string>& unjudged = evaluation.queries_without_judgements;
  if (!unjudged.empty()) {
    Log(LogLevel::kWarning, "{}: {} without judgements left out (the first is {})", run.name,
        CountQueries(unjudged.size()), unjudged.front());
  }
  const std::vector<std::string>& missing = evaluation.queries_without_results;
  if (!missing.empty()) {
    Log(LogLevel::kWarning, "{}: {} of {} judged without results {} (the first is {})", run.name,
        CountQueries(missing.size()), evaluation.judged_queries,
        complete ? "counted as 0" : "left out; --complete counts them as 0", missing.front());
  }
}

bool SameQueries(const eval::Evaluation& a, const eval::Evaluation& b) {
  return std::equal(
      a.queries.begin(), a.queries.end(), b.queries.begin(), b.queries.end(),
      [](const eval::QueryValues& x, const eval::QueryValues& y) { return x.id == y.id; });
}

Result<eval::Report> MakeReport(const EvalOptions& options) {
  eval::Report report;
  PODIUM_ASSIGN_OR_RETURN(const std::vector<eval::Measure> measures,
                          options.measures.empty()
                              ? Result<std::vector<eval::Measure>>(eval::DefaultMeasures())
                              : eval::ParseMeasures(options.measures));
  report.baseline = FindBaseline(options);
  report.qrels = options.qrels;
  report.options = options.evaluate;
  report.options.precision =
      options.float32_scores ? eval::ScorePrecision::kFloat : eval::ScorePrecision::kDouble;
  report.randomisation = options.randomisation;
  report.per_query = options.per_query;
  PODIUM_ASSIGN_OR_RETURN(const eval::Qrels qrels, eval::ReadQrels(options.qrels));
  const std::vector<std::string> names = RunNames(options.runs);
  std::vector<eval::Evaluation> evaluations;
  for (size_t r = 0; r < options.runs.size(); ++r) {
    PODIUM_ASSIGN_OR_RETURN(eval::Run run, eval::ReadRun(options.runs[r]));
    Result<eval::Evaluation> evaluation = eval::Evaluate(qrels, run, measures, report.options);
    if (!evaluation.ok()) {
      return evaluation.status().WithContext(names[r]);
    }
    evaluations.push_back(*evaluation);
    report.runs.push_back({.name = names[r],
                           .path = options.runs[r],
                           .tag = std::move(run.tag),
                           .evaluation = *std::move(evaluation)});
    Warn(report.runs.back(), report.options.complete);
  }
  if (evaluations.size() > 1) {
    PODIUM_ASSIGN_OR_RETURN(report.comparisons,
                            eval::CompareRuns(evaluations, report.baseline, report.randomisation));
    if (!std::all_of(evaluations.begin(), evaluations.end(), [&](const eval::Evaluation& other) {
          return SameQueries(evaluations.front(), other);
        })) {
      Log(LogLevel::kWarning,
          "the runs have results for different queries: their means are not comparable "
          "(--complete makes them so); differences and tests use the queries of both");
    }
  }
  return report;
}

std::vector<std::string> ValueCells(const eval::Evaluation& evaluation,
                                    const std::vector<double>& values) {
  std::vector<std::string> cells;
  for (size_t m = 0; m < values.size(); ++m) {
    cells.push_back(eval::FormatValue(evaluation.measures[m], values[m]));
  }
  return cells;
}

void PrintMeans(const eval::Report& report) {
  std::vector<std::string> head = {"run"};
  for (const eval::Measure& measure : report.runs.front().evaluation.measures) {
    head.push_back(eval::MeasureName(measure));
  }
  Table table(head);
  for (const eval::ReportedRun& run : report.runs) {
    std::vector<std::string> row = ValueCells(run.evaluation, run.evaluation.means);
    row.insert(row.begin(), run.name);
    table.AddRow(row);
  }
  Print(table.ToString());
  Print("\n");
  for (const eval::ReportedRun& run : report.runs) {
    Print(Format("{}: {}\n", run.name,
                 eval::AveragedQueries(run.evaluation, report.options.complete)));
  }
}

void PrintComparisons(const eval::Report& report) {
  const bool corrected = report.runs.size() > 2;
  std::vector<std::string> head = {"run", "measure", "difference", "better", "same", "worse"};
  head.insert(head.end(), {"p t-test", "p random."});
  if (corrected) {
    head.insert(head.end(), {"Holm t-test", "Holm random."});
  }
  Table table(head);
  for (const eval::Comparison& comparison : report.comparisons) {
    const eval::ReportedRun& run = report.runs[comparison.run];
    std::vector<std::string> row = {run.name,
                                    eval::MeasureName(run.evaluation.measures[comparison.measure]),
                                    eval::FormatDifference(comparison.difference),
                                    Format("{}", comparison.wins),
                                    Format("{}", comparison.ties),
                                    Format("{}", comparison.losses),
                                    eval::FormatP(comparison.t_test.p),
                                    eval::FormatP(comparison.randomisation.p)};
    if (corrected) {
      row.push_back(eval::FormatP(comparison.t_test_holm));
      row.push_back(eval::FormatP(comparison.randomisation_holm));
    }
    table.AddRow(row);
  }
  Print(Format("\nAgainst {}:\n", Styled(report.runs[report.baseline].name, Style::kBold)));
  Print(table.ToString());
  Print(Format("\n{}\n", eval::HowTested(report)));
}

// One run: a row per query; several: a row per query and run, so that they stand one below the
// other.
void PrintQueries(const eval::Report& report) {
  std::map<std::string, std::vector<std::pair<const eval::ReportedRun*, const eval::QueryValues*>>>
      queries;
  for (const eval::ReportedRun& run : report.runs) {
    for (const eval::QueryValues& query : run.evaluation.queries) {
      queries[query.id].emplace_back(&run, &query);
    }
  }
  const bool several = report.runs.size() > 1;
  std::vector<std::string> head = {"query"};
  if (several) {
    head.emplace_back("run");
  }
  for (const eval::Measure& measure : report.runs.front().evaluation.measures) {
    head.push_back(eval::MeasureName(measure));
  }
  Table table(head);
  for (const auto& [id, of_runs] : queries) {
    for (const auto& [run, query] : of_runs) {
      std::vector<std::string> row = ValueCells(run->evaluation, query->values);
      if (several) {
        row.insert(row.begin(), run->name);
      }
      row.insert(row.begin(), id);
      table.AddRow(row);
    }
  }
  Print(table.ToString());
  Print("\n");
}

Status RunEval(const EvalOptions& options) {
  const ReportForm form = options.json ? ReportForm::kJson : options.form;
  PODIUM_ASSIGN_OR_RETURN(const eval::Report report, MakeReport(options));
  switch (form) {
    case ReportForm::kJson: Print(eval::JsonReport(report)); break;
    case ReportForm::kCsv: Print(eval::CsvReport(report)); break;
    case ReportForm::kMarkdown: Print(eval::MarkdownReport(report)); break;
    case ReportForm::kTrec: Print(eval::TrecReport(report)); break;
    case ReportForm::kText:
      if (report.per_query) {
        PrintQueries(report);
      }
      PrintMeans(report);
      if (report.runs.size() > 1) {
        PrintComparisons(report);
      }
      break;
  }
  return Status::Ok();
}

void AddMeasuringOptions(CLI::App& command, EvalOptions& options) {
  command
      .add_option("-m,--measures", options.measures,
                  "Measures, separated by commas (default: nDCG@10,AP,RR@10,P@10,Recall@100,"
                  "Judged@10); there are: " +
                      eval::MeasureList() + ", and trec_eval's names of them")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& text) {
            const Result<std::vector<eval::Measure>> measures = eval::ParseMeasures({text});
            return measures.ok() ? std::string() : measures.status().message();
          },
          ""))
      ->type_name("NAMES");
  command.add_flag("-c,--complete", options.evaluate.complete,
                   "Average over all judged queries; those without results count 0");
  command
      .add_option("-l,--level", options.evaluate.relevance_level,
                  "Lowest grade that is relevant (nDCG uses the grades themselves)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("GRADE");
  command
      .add_option("-M,--max-per-query", options.evaluate.max_per_query,
                  "Look at the best N documents of a query only (default: all)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command.add_flag("--exclude-self", options.evaluate.exclude_self,
                   "Drop documents whose id is the query's, as BEIR does");
  command.add_flag("--float32-scores", options.float32_scores,
                   "Compare scores as 32-bit floats, as trec_eval 9 and pytrec_eval do");
}

}  // namespace

void AddEvalCommand(CommandLine& line) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App& command = line.Add("eval", "Measure runs against judgements, as trec_eval does",
                               [options] { return RunEval(*options); });
  command.parse_complete_callback([options] { CheckUsage(*options); });
  command.add_option("qrels", options->qrels, "Judgements: TREC, BEIR (TSV) or JSON")
      ->required()
      ->type_name("FILE");
  command.add_option("runs", options->runs, "Runs: TREC or JSON; several are compared")
      ->required()
      ->type_name("FILE");
  AddMeasuringOptions(command, *options);
  command.add_flag("-q,--per-query", options->per_query, "Also the values of every query");
  command
      .add_option("--baseline", options->baseline,
                  "The run that the others are compared with (default: the first)")
      ->type_name("FILE");
  command
      .add_option("--permutations", options->randomisation.permutations,
                  "Sign assignments that the randomisation test draws; fewer are all tried")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--seed", options->randomisation.seed, "Seed of the randomisation test")
      ->capture_default_str()
      ->type_name("N");
  static const std::map<std::string, ReportForm> forms = {{"text", ReportForm::kText},
                                                          {"json", ReportForm::kJson},
                                                          {"csv", ReportForm::kCsv},
                                                          {"markdown", ReportForm::kMarkdown},
                                                          {"trec", ReportForm::kTrec}};
  command
      .add_option("--format", options->form,
                  "text (default), json, csv, markdown, or trec (trec_eval's lines, one run)")
      ->transform(CLI::CheckedTransformer(forms).description(""))
      ->type_name("FORM");
  command.add_flag("--json", options->json, "The same as --format json");
}

}  // namespace podium::cli
