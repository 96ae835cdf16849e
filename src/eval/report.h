// One evaluation of one or several runs, and its forms for machines: JSON, CSV, Markdown and the
// lines that trec_eval prints.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/compare.h"
#include "eval/evaluate.h"

namespace podium::eval {

struct ReportedRun {
  std::string name;  // as shown in tables
  std::string path;
  std::string tag;  // what the run calls itself; may be empty
  Evaluation evaluation;
};

struct Report {
  std::string qrels;  // path
  EvaluateOptions options;
  RandomisationOptions randomisation;
  std::vector<ReportedRun> runs;  // at least one, all with the same measures
  size_t baseline = 0;            // the run that the comparisons are against
  std::vector<Comparison> comparisons;
  bool per_query = false;  // also the values of each query
};

// "300 of the 323 judged queries have results and are averaged over" and the like.
std::string AveragedQueries(const Evaluation& evaluation, bool complete);

// How the p-values of the report were made, in one or two sentences; "" without comparisons.
std::string HowTested(const Report& report);

// "0.6789", counts as whole numbers.
std::string FormatValue(const Measure& measure, double value);

// "+0.0123"
std::string FormatDifference(double difference);

// "0.0123", and two significant digits below 0.001: "3.1e-07".
std::string FormatP(double p);

// One object: "qrels", "options", "measures", "runs" (each with "means" and, if asked for,
// "per_query"), and "comparisons" where there are several runs. Numbers in full.
std::string JsonReport(const Report& report);

// A header and one row per run, query ("all" for the mean) and measure; means of runs that were
// compared have the comparison in further columns. Numbers in full, quoting by RFC 4180.
std::string CsvReport(const Report& report);

// Tables for a README or an issue.
std::string MarkdownReport(const Report& report);

// The lines of trec_eval, byte for byte, in the order of the measures: name, query or "all", value.
// REQUIRES: one run.
std::string TrecReport(const Report& report);

}  // namespace podium::eval
