#include "eval/report.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/format.h"
#include "io/json.h"

namespace podium::eval {
namespace {

using io::Json;

// Counts of a file are exact in a double and print without a fraction.
Json ToJson(const Measure& measure, double value) {
  return IsCount(measure.kind) ? Json(static_cast<uint64_t>(value)) : Json(value);
}

Json ValuesToJson(const std::vector<Measure>& measures, const std::vector<double>& values) {
  Json json = Json::object();
  for (size_t m = 0; m < measures.size(); ++m) {
    json[MeasureName(measures[m])] = ToJson(measures[m], values[m]);
  }
  return json;
}

Json RunToJson(const ReportedRun& run, bool per_query) {
  const Evaluation& evaluation = run.evaluation;
  Json json;
  json["run"] = run.name;
  json["path"] = run.path;
  json["tag"] = run.tag;
  json["queries"] = evaluation.queries.size();
  json["judged_queries"] = evaluation.judged_queries;
  json["judged_queries_without_results"] = evaluation.queries_without_results.size();
  json["queries_without_judgements"] = evaluation.queries_without_judgements.size();
  json["means"] = ValuesToJson(evaluation.measures, evaluation.means);
  if (per_query) {
    Json& queries = json["per_query"] = Json::object();
    for (const QueryValues& query : evaluation.queries) {
      queries[query.id] = ValuesToJson(evaluation.measures, query.values);
    }
  }
  return json;
}

// Not finite: null, as JSON has no infinity.
Json ComparisonToJson(const Report& report, const Comparison& comparison) {
  const Measure& measure = report.runs[comparison.run].evaluation.measures[comparison.measure];
  Json json;
  json["run"] = report.runs[comparison.run].name;
  json["measure"] = MeasureName(measure);
  json["queries"] = comparison.queries;
  json["difference"] = comparison.difference;
  json["wins"] = comparison.wins;
  json["ties"] = comparison.ties;
  json["losses"] = comparison.losses;
  json["t"] = std::isfinite(comparison.t_test.t) ? Json(comparison.t_test.t) : Json();
  json["t_test_p"] = comparison.t_test.p;
  json["t_test_p_holm"] = comparison.t_test_holm;
  json["randomisation_p"] = comparison.randomisation.p;
  json["randomisation_p_holm"] = comparison.randomisation_holm;
  json["permutations"] = comparison.randomisation.permutations;
  json["exact"] = comparison.randomisation.exact;
  return json;
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + '"';
}

// The comparison of a run by a measure, or nullptr.
const Comparison* FindComparison(const Report& report, size_t run, size_t measure) {
  for (const Comparison& comparison : report.comparisons) {
    if (comparison.run == run && comparison.measure == measure) {
      return &comparison;
    }
  }
  return nullptr;
}

constexpr std::string_view kNoComparison = ",,,,,,,,";

std::string ComparisonCsv(const Comparison* comparison) {
  if (comparison == nullptr) {
    return std::string(kNoComparison);
  }
  return Format(",{},{},{},{},{},{},{},{}", comparison->difference, comparison->wins,
                comparison->ties, comparison->losses, comparison->t_test.p, comparison->t_test_holm,
                comparison->randomisation.p, comparison->randomisation_holm);
}

std::string QueriesCsv(const Report& report, size_t r) {
  const ReportedRun& run = report.runs[r];
  const std::string_view comparison = report.runs.size() > 1 ? kNoComparison : "";
  std::string out;
  for (const QueryValues& query : run.evaluation.queries) {
    for (size_t m = 0; m < query.values.size(); ++m) {
      out += Format("{},{},{},{}{}\n", CsvField(run.name), CsvField(query.id),
                    MeasureName(run.evaluation.measures[m]), query.values[m], comparison);
    }
  }
  return out;
}

std::string MeansCsv(const Report& report, size_t r) {
  const ReportedRun& run = report.runs[r];
  std::string out;
  for (size_t m = 0; m < run.evaluation.means.size(); ++m) {
    out += Format("{},all,{},{}{}\n", CsvField(run.name), MeasureName(run.evaluation.measures[m]),
                  run.evaluation.means[m],
                  report.runs.size() > 1 ? ComparisonCsv(FindComparison(report, r, m)) : "");
  }
  return out;
}

// A pipe would end the cell.
std::string MarkdownCell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    cell += c == '|' ? "\\|" : c == '\n' || c == '\r' ? " " : std::string(1, c);
  }
  return cell;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) {
    row += ' ' + MarkdownCell(cell) + " |";
  }
  return row + '\n';
}

// Header and rule; the first `text_columns` are text, the others numbers, set to the right.
std::string MarkdownHead(const std::vector<std::string>& cells, size_t text_columns) {
  std::string rule = "|";
  for (size_t c = 0; c < cells.size(); ++c) {
    rule += c < text_columns ? "---|" : "---:|";
  }
  return MarkdownRow(cells) + rule + '\n';
}

std::vector<std::string> MeasureNames(const Report& report) {
  std::vector<std::string> names;
  for (const Measure& measure : report.runs.front().evaluation.measures) {
    names.push_back(MeasureName(measure));
  }
  return names;
}

// `cells` and after them the values.
std::vector<std::string> Cells(std::vector<std::string> cells, const Evaluation& evaluation,
                               const std::vector<double>& values) {
  for (size_t m = 0; m < values.size(); ++m) {
    cells.push_back(FormatValue(evaluation.measures[m], values[m]));
  }
  return cells;
}

std::string MarkdownQueries(const Report& report) {
  std::vector<std::string> head = MeasureNames(report);
  head.insert(head.begin(), {"run", "query"});
  std::string out = '\n' + MarkdownHead(head, 2);
  for (const ReportedRun& run : report.runs) {
    for (const QueryValues& query : run.evaluation.queries) {
      out += MarkdownRow(Cells({run.name, query.id}, run.evaluation, query.values));
    }
  }
  return out;
}

std::string MarkdownComparisons(const Report& report) {
  if (report.comparisons.empty()) {
    return "";
  }
  const bool corrected = report.runs.size() > 2;
  std::vector<std::string> head = {"run",  "measure", "difference", "better",
                                   "same", "worse",   "p (t-test)", "p (randomisation)"};
  if (corrected) {
    head.insert(head.end(), {"p (t-test, Holm)", "p (randomisation, Holm)"});
  }
  std::string out = Format("\nAgainst {}:\n\n", MarkdownCell(report.runs[report.baseline].name)) +
                    MarkdownHead(head, 2);
  for (const Comparison& comparison : report.comparisons) {
    const ReportedRun& run = report.runs[comparison.run];
    std::vector<std::string> row = {run.name,
                                    MeasureName(run.evaluation.measures[comparison.measure]),
                                    FormatDifference(comparison.difference),
                                    Format("{}", comparison.wins),
                                    Format("{}", comparison.ties),
                                    Format("{}", comparison.losses),
                                    FormatP(comparison.t_test.p),
                                    FormatP(comparison.randomisation.p)};
    if (corrected) {
      row.push_back(FormatP(comparison.t_test_holm));
      row.push_back(FormatP(comparison.randomisation_holm));
    }
    out += MarkdownRow(row);
  }
  return out + '\n' + HowTested(report) + '\n';
}

}  // namespace

std::string AveragedQueries(const Evaluation& evaluation, bool complete) {
  const size_t judged = evaluation.judged_queries;
  const size_t missing = evaluation.queries_without_results.size();
  if (missing == 0) {
    return Format("averaged over all {} judged queries", judged);
  }
  return complete ? Format("averaged over all {} judged queries, the {} without results as 0",
                           judged, missing)
                  : Format(
                        "averaged over the {} judged queries with results; {} without are left "
                        "out",
                        judged - missing, missing);
}

std::string HowTested(const Report& report) {
  if (report.comparisons.empty()) {
    return "";
  }
  const RandomisationTest& test = report.comparisons.front().randomisation;
  size_t fewest = report.comparisons.front().queries;
  size_t most = fewest;
  bool all_exact = true;
  for (const Comparison& comparison : report.comparisons) {
    fewest = std::min(fewest, comparison.queries);
    most = std::max(most, comparison.queries);
    all_exact = all_exact && comparison.randomisation.exact;
  }
  std::string text = Format("Two-sided p over the {} queries of both runs; ",
                            fewest == most ? Format("{}", most) : Format("{} to {}", fewest, most));
  text += all_exact ? std::string("the randomisation test tried every assignment of signs.")
                    : Format("the randomisation test drew {} assignments of signs (seed {}){}.",
                             report.randomisation.permutations, report.randomisation.seed,
                             test.exact ? " where there are more" : "");
  if (report.runs.size() > 2) {
    text += Format(" Holm: corrected for the {} runs compared by each measure.",
                   report.runs.size() - 1);
  }
  return text;
}

std::string FormatValue(const Measure& measure, double value) {
  return IsCount(measure.kind) ? Format("{:.0f}", value) : Format("{:.4f}", value);
}

std::string FormatDifference(double difference) {
  return Format("{:+.4f}", difference);
}

std::string FormatP(double p) {
  constexpr double kFourDecimalsSuffice = 0.001;
  return p >= kFourDecimalsSuffice || p == 0 ? Format("{:.4f}", p) : Format("{:.1e}", p);
}

std::string JsonReport(const Report& report) {
  Json json;
  json["qrels"] = report.qrels;
  json["options"] = {{"level", report.options.relevance_level},
                     {"complete", report.options.complete},
                     {"max_per_query", report.options.max_per_query},
                     {"exclude_self", report.options.exclude_self},
                     {"float32_scores", report.options.precision == ScorePrecision::kFloat}};
  Json& measures = json["measures"] = Json::array();
  for (const Measure& measure : report.runs.front().evaluation.measures) {
    measures.push_back(MeasureName(measure));
  }
  Json& runs = json["runs"] = Json::array();
  for (const ReportedRun& run : report.runs) {
    runs.push_back(RunToJson(run, report.per_query));
  }
  if (report.runs.size() > 1) {
    json["baseline"] = report.runs[report.baseline].name;
    json["seed"] = report.randomisation.seed;
    Json& comparisons = json["comparisons"] = Json::array();
    for (const Comparison& comparison : report.comparisons) {
      comparisons.push_back(ComparisonToJson(report, comparison));
    }
  }
  return io::DumpJson(json, 2) + '\n';
}

std::string CsvReport(const Report& report) {
  std::string out = "run,query,measure,value";
  out += report.runs.size() > 1
             ? ",difference,wins,ties,losses,t_test_p,t_test_p_holm,randomisation_p,"
               "randomisation_p_holm\n"
             : "\n";
  for (size_t r = 0; r < report.runs.size(); ++r) {
    if (report.per_query) {
      out += QueriesCsv(report, r);
    }
    out += MeansCsv(report, r);
  }
  return out;
}

std::string MarkdownReport(const Report& report) {
  std::vector<std::string> head = MeasureNames(report);
  head.insert(head.begin(), {"run", "queries"});
  std::string out = MarkdownHead(head, 1);
  for (const ReportedRun& run : report.runs) {
    const Evaluation& evaluation = run.evaluation;
    out += MarkdownRow(
        Cells({run.name, Format("{}", evaluation.queries.size())}, evaluation, evaluation.means));
  }
  out += '\n';
  for (const ReportedRun& run : report.runs) {
    out += Format("{}: {}.\n", MarkdownCell(run.name),
                  AveragedQueries(run.evaluation, report.options.complete));
  }
  out += MarkdownComparisons(report);
  return report.per_query ? out + MarkdownQueries(report) : out;
}

std::string TrecReport(const Report& report) {
  const Evaluation& evaluation = report.runs.front().evaluation;
  std::string out;
  const auto print = [&](const std::string& query, const std::vector<double>& values, bool all) {
    for (size_t m = 0; m < values.size(); ++m) {
      const Measure& measure = evaluation.measures[m];
      if (all || measure.kind != MeasureKind::kNumQueries) {
        out += Format("{:<22}\t{}\t{}\n", TrecMeasureName(measure), query,
                      FormatValue(measure, values[m]));
      }
    }
  };
  if (report.per_query) {
    for (const QueryValues& query : evaluation.queries) {
      print(query.id, query.values, false);
    }
  }
  print("all", evaluation.means, true);
  return out;
}

}  // namespace podium::eval
