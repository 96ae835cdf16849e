// Whole encoders with random weights: tokens/s and GFLOP/s.
//
// BM_Rerank/<shape>/<precision>/<pairs>/<tokens>/<threads>: `pairs` sequences of `tokens` tokens
// through a classifier. One operation is a multiplication and an addition counted apart; only
// linear layers and attention products count.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "base/format.h"
#include "nn/model.h"
#include "nn/weights/random_checkpoint.h"

namespace podium::nn {
namespace {

RandomCheckpoint ShapeOf(int64_t number) {
  return number == 0 ? MiniLmL6Shape() : BertBaseShape();
}

// Models by shape and precision, written to a temporary directory and loaded once.
const Model& SharedModel(int64_t number, Precision precision) {
  static std::map<std::pair<int64_t, Precision>, std::unique_ptr<const Model>> models;
  std::unique_ptr<const Model>& model = models[{number, precision}];
  if (model == nullptr) {
    const std::filesystem::path dir =
        std::filesystem::temp_directory_path() / Format("podium_encoder_bench_{}", ::getpid());
    Status status = WriteRandomCheckpoint(ShapeOf(number), dir);
    if (status.ok()) {
      Result<std::unique_ptr<const Model>> loaded = Model::Load(dir, {.precision = precision});
      status = loaded.ok() ? Status::Ok() : loaded.status();
      if (loaded.ok()) {
        model = std::move(loaded).value();
      }
    }
    std::error_code ignored;
    std::filesystem::remove_all(dir, ignored);  // the mapped word table lives on
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      std::exit(1);
    }
  }
  return *model;
}

TokenBatch MakeBatch(const ModelInfo& info, size_t sequences, size_t tokens) {
  std::mt19937 random(1);
  TokenBatch batch;
  for (size_t s = 0; s < sequences; ++s) {
    std::vector<int32_t> ids(tokens);
    for (int32_t& id : ids) {
      id = static_cast<int32_t>(random() % info.vocab_size);
    }
    batch.Add(ids);
  }
  return batch;
}

// Operations for one sequence. The last layer's attention output and feed-forward run for the first
// token alone, and are counted so.
double Operations(const ModelInfo& info, double tokens) {
  const auto hidden = static_cast<double>(info.hidden_size);
  const auto wide = static_cast<double>(info.intermediate_size);
  const auto layers = static_cast<double>(info.layers);
  const double qkv = 2 * 3 * hidden * hidden;
  const double rest = 2 * hidden * hidden + 4 * hidden * wide;
  const double attention = 4 * tokens * hidden;
  return layers * tokens * qkv + ((layers - 1) * tokens + 1) * (rest + attention);
}

// Equal sequences must score equally, wherever they stand.
bool Consistent(const Model& model, ThreadPool& pool) {
  const TokenBatch one = MakeBatch(model.info(), 1, 40);
  TokenBatch many = MakeBatch(model.info(), 5, 60);
  many.Add(one.ids);
  return model.Run(many, pool).value().back() == model.Run(one, pool).value().back();
}

void BM_Rerank(benchmark::State& state) {
  const auto precision = static_cast<Precision>(state.range(1));
  const Model& model = SharedModel(state.range(0), precision);
  const auto sequences = static_cast<size_t>(state.range(2));
  const auto tokens = static_cast<size_t>(state.range(3));
  ThreadPool pool(static_cast<size_t>(state.range(4)));
  if (!Consistent(model, pool)) {
    state.SkipWithError("a batch does not equal single runs");
    return;
  }
  const TokenBatch batch = MakeBatch(model.info(), sequences, tokens);
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.Run(batch, pool));
  }
  const auto runs = static_cast<double>(state.iterations());
  const auto all = static_cast<double>(sequences);
  state.SetLabel(Format("{} {}", state.range(0) == 0 ? "minilm-l6" : "bert-base",
                        PrecisionName(model.info().precision)));
  state.counters["tokens"] =
      benchmark::Counter(runs * all * static_cast<double>(tokens), benchmark::Counter::kIsRate);
  state.counters["pairs"] = benchmark::Counter(runs * all, benchmark::Counter::kIsRate);
  state.counters["flop"] =
      benchmark::Counter(runs * all * Operations(model.info(), static_cast<double>(tokens)),
                         benchmark::Counter::kIsRate);
}

constexpr auto kFp32 = static_cast<int64_t>(Precision::kFp32);
constexpr auto kAuto = static_cast<int64_t>(Precision::kAuto);

BENCHMARK(BM_Rerank)
    ->ArgNames({"shape", "precision", "pairs", "tokens", "threads"})
    ->ArgsProduct({{0}, {kFp32, kAuto}, {100}, {128}, {1, 2}})
    ->ArgsProduct({{0}, {kFp32, kAuto}, {1}, {16, 32, 128}, {1, 2}})  // what helpers gain
    ->ArgsProduct(
        {{0}, {kFp32, kAuto}, {10, 30, 300, 1000}, {128}, {2}})  // pairs/s, whatever pairs
    ->Args({0, kFp32, 100, 32, 1})
    ->Args({0, kFp32, 20, 512, 1})
    ->ArgsProduct({{1}, {kFp32, kAuto}, {20}, {128}, {1, 2}})
    ->ArgsProduct({{1}, {kFp32, kAuto}, {1}, {16, 128}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace podium::nn
