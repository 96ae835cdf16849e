#include "bench_report.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/format.h"
#include "base/progress.h"
#include "kernels/isa.h"
#include "terminal.h"

namespace podium::cli::bench {
namespace {

using io::Json;
using nn::Stage;

constexpr double kMilliseconds = 1e3;
constexpr std::array kProducts = {Stage::kQkv, Stage::kAttention, Stage::kAttentionOutput,
                                  Stage::kFfnUp, Stage::kFfnDown};

// The figures of an entry, from the pass of median time but for the latencies, which are of all.
class Figures {
 public:
  Figures(const Report& report, const Entry& entry)
      : entry_(entry),
        facts_(report.workloads[entry.workload]),
        pass_(entry.passes[(entry.passes.size() - 1) / 2]) {
    for (const Pass& pass : entry.passes) {
      latency_.insert(latency_.end(), pass.latency.begin(), pass.latency.end());
    }
    std::sort(latency_.begin(), latency_.end());
  }

  double Milliseconds(double p) const { return Percentile(latency_, p) * kMilliseconds; }
  double PerSecond(double count) const { return count / pass_.seconds; }
  double Gflops() const { return PerSecond(facts_.operations.done.total()) * 1e-9; }
  double FullGflops() const { return PerSecond(facts_.operations.full.total()) * 1e-9; }
  bool has_peak() const { return entry_.peak.gflops > 0; }

  // Seconds that all workers had together.
  double Budget() const { return pass_.seconds * static_cast<double>(entry_.threads); }
  double Waiting() const { return std::max(0.0, Budget() - pass_.stages.total() - pass_.tokenize); }
  // What all workers would reach if they did nothing but this stage.
  double StageGflops(Stage stage) const {
    const double seconds = pass_.stages[stage] / static_cast<double>(entry_.threads);
    return seconds > 0 ? facts_.operations.done[stage] / seconds * 1e-9 : 0;
  }
  const Pass& pass() const { return pass_; }
  const WorkloadFacts& facts() const { return facts_; }

 private:
  const Entry& entry_;
  const WorkloadFacts& facts_;
  const Pass& pass_;
  std::vector<double> latency_;
};

bool IsProduct(Stage stage) {
  return std::find(kProducts.begin(), kProducts.end(), stage) != kProducts.end();
}

Json StagesToJson(const Figures& figures) {
  const auto requests = static_cast<double>(figures.facts().requests);
  const auto part = [&](double seconds) {
    return Json{{"ms", seconds * kMilliseconds / requests}, {"share", seconds / figures.Budget()}};
  };
  Json json;
  json["tokenize"] = part(figures.pass().tokenize);
  for (size_t i = 0; i < nn::kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    Json item = part(figures.pass().stages[stage]);
    if (IsProduct(stage)) {
      item["gflops"] = figures.StageGflops(stage);
    }
    json[std::string(nn::StageName(stage))] = std::move(item);
  }
  json["waiting"] = part(figures.Waiting());
  return json;
}

Json EntryToJson(const Report& report, const Entry& entry) {
  const Figures figures(report, entry);
  const WorkloadFacts& facts = figures.facts();
  const auto of_peak = [&](double gflops) {
    return figures.has_peak() ? Json(gflops / entry.peak.gflops) : Json(nullptr);
  };
  Json json;
  json["workload"] = facts.name;
  json["precision"] = PrecisionName(entry.precision);
  json["isa"] = entry.table->name;
  json["threads"] = entry.threads;
  json["passes"] = entry.passes.size();
  json["ms"] = {{"min", figures.Milliseconds(0)},
                {"p50", figures.Milliseconds(0.5)},
                {"p95", figures.Milliseconds(0.95)},
                {"p99", figures.Milliseconds(0.99)}};
  json["pairs_per_s"] = figures.PerSecond(static_cast<double>(facts.pairs));
  json["tokens_per_s"] = figures.PerSecond(static_cast<double>(facts.tokens));
  json["gflops"] = figures.Gflops();
  json["gflops_full"] = figures.FullGflops();
  json["peak_gflops"] = figures.has_peak() ? Json(entry.peak.gflops) : Json(nullptr);
  json["peak_instruction"] = figures.has_peak() ? Json(entry.peak.instruction) : Json(nullptr);
  json["share_of_peak"] = of_peak(figures.Gflops());
  json["share_of_peak_full"] = of_peak(figures.FullGflops());
  json["stages"] = StagesToJson(figures);
  json["delta_over_std"] = entry.agreement.ratio();
  json["rms_delta_over_std"] = entry.agreement.typical_ratio();
  json["delta_limit"] = nn::AgreementLimit(entry.precision);
  json["rank_correlation"] = entry.agreement.rank_correlation;
  json["weight_bytes"] = entry.weight_bytes;
  return json;
}

Json FactsToJson(const WorkloadFacts& facts) {
  Json json;
  json["name"] = facts.name;
  json["requests"] = facts.requests;
  json["pairs"] = facts.pairs;
  json["tokens"] = facts.tokens;
  json["shortest"] = facts.shortest;
  json["longest"] = facts.longest;
  json["gflop"] = facts.operations.done.total() * 1e-9;
  json["gflop_full"] = facts.operations.full.total() * 1e-9;
  return json;
}

std::string Percent(double share) {
  return Format("{:.1f} %", 100 * share);
}

// What every row begins with.
std::vector<std::string> RowHead(const Entry& entry) {
  return {std::string(PrecisionName(entry.precision)), entry.table->name,
          std::to_string(entry.threads)};
}

std::vector<std::string> SpeedRow(const Report& report, const Entry& entry) {
  const Figures figures(report, entry);
  const WorkloadFacts& facts = figures.facts();
  const auto of_peak = [&](double gflops) {
    return figures.has_peak() ? Percent(gflops / entry.peak.gflops) : std::string("-");
  };
  std::vector<std::string> row = RowHead(entry);
  for (const double p : {0.0, 0.5, 0.95, 0.99}) {
    row.push_back(Format("{:.2f}", figures.Milliseconds(p)));
  }
  row.push_back(Format("{:.1f}", figures.PerSecond(static_cast<double>(facts.pairs))));
  row.push_back(Format("{:.0f}", figures.PerSecond(static_cast<double>(facts.tokens))));
  row.push_back(Format("{:.1f}", figures.Gflops()));
  row.push_back(of_peak(figures.Gflops()));
  row.push_back(Format("{:.1f}", figures.FullGflops()));
  row.push_back(of_peak(figures.FullGflops()));
  row.push_back(Format("{:.3f} %", 100 * entry.agreement.ratio()));
  return row;
}

std::vector<std::string> ShareRow(const Report& report, const Entry& entry) {
  const Figures figures(report, entry);
  std::vector<std::string> row = RowHead(entry);
  row.push_back(Percent(figures.pass().tokenize / figures.Budget()));
  for (size_t i = 0; i < nn::kStages; ++i) {
    row.push_back(Percent(figures.pass().stages.values[i] / figures.Budget()));
  }
  row.push_back(Percent(figures.Waiting() / figures.Budget()));
  return row;
}

std::vector<std::string> RateRow(const Report& report, const Entry& entry) {
  const Figures figures(report, entry);
  std::vector<std::string> row = RowHead(entry);
  for (const Stage stage : kProducts) {
    row.push_back(Format("{:.1f}", figures.StageGflops(stage)));
  }
  row.push_back(figures.has_peak() ? Format("{:.1f}", entry.peak.gflops) : "-");
  row.emplace_back(figures.has_peak() ? entry.peak.instruction : "-");
  return row;
}

std::string WorkloadText(const Report& report, size_t index) {
  const WorkloadFacts& facts = report.workloads[index];
  std::string text = Format(
      "\n{}: {} {}, {} {}, {} tokens ({} to {} a pair), {:.1f} GFLOP; {:.1f} if all rows of the "
      "last layer were computed\n",
      Styled("workload " + facts.name, Style::kBold), GroupDigits(facts.requests),
      facts.requests == 1 ? "request" : "requests", GroupDigits(facts.pairs),
      facts.pairs == 1 ? "pair" : "pairs", GroupDigits(facts.tokens), facts.shortest, facts.longest,
      facts.operations.done.total() * 1e-9, facts.operations.full.total() * 1e-9);
  Table speed({"precision", "kernels", "threads", "ms min", "p50", "p95", "p99", "pairs/s",
               "tokens/s", "GFLOP/s", "of peak", "full GFLOP/s", "of peak", "off fp32"});
  std::vector<std::string> stages = {"precision", "kernels", "threads", "tokenize"};
  for (size_t i = 0; i < nn::kStages; ++i) {
    stages.emplace_back(nn::StageName(static_cast<Stage>(i)));
  }
  stages.emplace_back("waiting");
  Table shares(std::move(stages));
  std::vector<std::string> products = {"precision", "kernels", "threads"};
  for (const Stage stage : kProducts) {
    products.emplace_back(nn::StageName(stage));
  }
  products.insert(products.end(), {"peak", "instruction"});
  Table rates(std::move(products));
  for (const Entry& entry : report.entries) {
    if (entry.workload == index) {
      speed.AddRow(SpeedRow(report, entry));
      shares.AddRow(ShareRow(report, entry));
      rates.AddRow(RateRow(report, entry));
    }
  }
  return text + speed.ToString() + "\nshare of the workers' time\n" + shares.ToString() +
         "\nGFLOP/s of the products, if all workers did nothing else\n" + rates.ToString();
}

}  // namespace

WorkloadFacts Describe(const Workload& workload, const nn::ModelInfo& model) {
  WorkloadFacts facts{.name = workload.name,
                      .requests = workload.requests.size(),
                      .pairs = workload.pairs(),
                      .tokens = workload.tokens(),
                      .shortest = std::numeric_limits<size_t>::max()};
  for (const Request& request : workload.requests) {
    const nn::Operations operations = CountOperations(model, request.batch);
    facts.operations.done += operations.done;
    facts.operations.full += operations.full;
    for (size_t i = 0; i < request.batch.sequences(); ++i) {
      facts.shortest = std::min(facts.shortest, request.batch.length(i));
      facts.longest = std::max(facts.longest, request.batch.length(i));
    }
  }
  facts.shortest = std::min(facts.shortest, facts.longest);
  return facts;
}

Json ToJson(const Report& report) {
  const nn::ModelInfo& model = report.model;
  Json json;
  json["podium"] = PODIUM_VERSION;
  json["cpu"] = kernels::CpuDescription();
  json["model"] = {{"name", model.name},
                   {"source", report.source},
                   {"layers", model.layers},
                   {"hidden_size", model.hidden_size},
                   {"intermediate_size", model.intermediate_size},
                   {"heads", model.heads},
                   {"parameters", model.parameters}};
  json["reference"] = {{"precision", "fp32"}, {"isa", report.reference_kernels}};
  json["workloads"] = Json::array();
  for (const WorkloadFacts& facts : report.workloads) {
    json["workloads"].push_back(FactsToJson(facts));
  }
  json["entries"] = Json::array();
  for (const Entry& entry : report.entries) {
    json["entries"].push_back(EntryToJson(report, entry));
  }
  return json;
}

std::string ToText(const Report& report) {
  const nn::ModelInfo& model = report.model;
  std::string text =
      Format("{} ({}): {} layers, hidden size {}, feed-forward {}, {:.1f} M parameters\n{}\n",
             Styled(model.name, Style::kBold), report.source, model.layers, model.hidden_size,
             model.intermediate_size, static_cast<double>(model.parameters) / 1e6,
             kernels::CpuDescription());
  for (size_t i = 0; i < report.workloads.size(); ++i) {
    const bool measured = std::any_of(report.entries.begin(), report.entries.end(),
                                      [i](const Entry& entry) { return entry.workload == i; });
    if (measured) {
      text += WorkloadText(report, i);
    }
  }
  return text;
}

}  // namespace podium::cli::bench
