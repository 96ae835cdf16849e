// What an evaluation of a large run costs: reading a million lines, measuring them, and the
// randomisation test. Reported in lines (or sign assignments) a second.
#include <cmath>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "base/format.h"
#include "eval/evaluate.h"
#include "eval/significance.h"

namespace podium::eval {
namespace {

constexpr size_t kQueries = 1000;
constexpr size_t kDepth = 1000;
constexpr size_t kDocuments = 8'000'000;  // ids as long as MS MARCO's
constexpr size_t kStep = 7919;            // prime, so that the documents of a query differ

std::string DocumentId(size_t query, size_t rank) {
  return Format("{}", (query * kDepth + rank) * kStep % kDocuments);
}

const std::string& RunText() {
  static const std::string text = [] {
    std::string lines;
    for (size_t q = 0; q < kQueries; ++q) {
      for (size_t r = 0; r < kDepth; ++r) {
        lines += Format("{} Q0 {} {} {:.6f} bench\n", 100'000 + q, DocumentId(q, r), r + 1,
                        30.0 - std::sqrt(static_cast<double>(r)) / 2);
      }
    }
    return lines;
  }();
  return text;
}

const std::string& JsonText() {
  static const std::string text = [] {
    std::string json;
    for (size_t q = 0; q < kQueries; ++q) {
      json += Format("{}\"{}\":{{", q == 0 ? "{" : "},", 100'000 + q);
      for (size_t r = 0; r < kDepth; ++r) {
        json += Format("{}\"{}\":{:.6f}", r == 0 ? "" : ",", DocumentId(q, r),
                       30.0 - std::sqrt(static_cast<double>(r)) / 2);
      }
    }
    return json + "}}";
  }();
  return text;
}

// Ten judged documents a query, the first at rank 3.
Qrels MakeQrels() {
  std::string lines;
  for (size_t q = 0; q < kQueries; ++q) {
    for (size_t r = 2; r < kDepth; r += kDepth / 10) {
      lines += Format("{} 0 {} 1\n", 100'000 + q, DocumentId(q, r));
    }
  }
  return *ParseQrels(lines, "qrels");
}

void CheckRun(const Result<Run>& run) {
  if (!run.ok() || run->queries.size() != kQueries || run->queries[7].entries.size() != kDepth) {
    std::abort();
  }
}

void SetLinesPerSecond(benchmark::State& state, size_t lines) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(lines));
}

void BM_ReadTrecRun(benchmark::State& state) {
  CheckRun(ParseRun(RunText(), "run"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseRun(RunText(), "run"));
  }
  SetLinesPerSecond(state, kQueries * kDepth);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(RunText().size()));
}
BENCHMARK(BM_ReadTrecRun)->Unit(benchmark::kMillisecond);

void BM_ReadJsonRun(benchmark::State& state) {
  CheckRun(ParseRun(JsonText(), "run"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseRun(JsonText(), "run"));
  }
  SetLinesPerSecond(state, kQueries * kDepth);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(JsonText().size()));
}
BENCHMARK(BM_ReadJsonRun)->Unit(benchmark::kMillisecond);

void BM_EvaluateDefaultMeasures(benchmark::State& state) {
  const Run run = *ParseRun(RunText(), "run");
  const Qrels qrels = MakeQrels();
  const Result<Evaluation> once = Evaluate(qrels, run, {{MeasureKind::kReciprocalRank, 10}}, {});
  if (!once.ok() || std::abs(once->means[0] - 1.0 / 3) > 1e-12) {
    std::abort();
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(Evaluate(qrels, run, DefaultMeasures(), {}));
  }
  SetLinesPerSecond(state, kQueries * kDepth);
}
BENCHMARK(BM_EvaluateDefaultMeasures)->Unit(benchmark::kMillisecond);

void BM_WriteTrecRun(benchmark::State& state) {
  const Run run = *ParseRun(RunText(), "run");
  for (auto _ : state) {
    size_t bytes = 0;
    TrecRunWriter writer("bench", [&](std::string_view text) {
      bytes += text.size();
      return Status::Ok();
    });
    for (const RunQuery& query : run.queries) {
      if (!writer.WriteQuery(query.id, query.entries).ok()) {
        std::abort();
      }
    }
    benchmark::DoNotOptimize(bytes);
  }
  SetLinesPerSecond(state, kQueries * kDepth);
}
BENCHMARK(BM_WriteTrecRun)->Unit(benchmark::kMillisecond);

void BM_RandomisationTest(benchmark::State& state) {
  std::vector<double> differences(static_cast<size_t>(state.range(0)));
  for (size_t i = 0; i < differences.size(); ++i) {
    differences[i] = static_cast<double>(i * kStep % 1000) / 1000 - 0.48;
  }
  const RandomisationOptions options;
  if (PairedRandomisationTest(differences, options).permutations != options.permutations) {
    std::abort();
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(PairedRandomisationTest(differences, options));
  }
  SetLinesPerSecond(state, options.permutations);
}
BENCHMARK(BM_RandomisationTest)->Arg(50)->Arg(300)->Arg(6980)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podium::eval
