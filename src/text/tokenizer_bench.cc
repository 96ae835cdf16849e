// Tokenizer speed in MB/s of text on one core. The text is the corpus of $PODIUM_DATA/scifact
// (default ../shared/data, so run it from the root of the source tree), or made up where that is
// absent. The tokenizers are those of tests/golden.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "io/compressed.h"
#include "io/json_view.h"
#include "text/tokenizer.h"
#include "text/tokenizer_check.h"

namespace podium::text {
namespace {

std::string DataFolder() {
  const char* const folder = std::getenv("PODIUM_DATA");
  return folder != nullptr ? folder : "../shared/data";
}

// Texts of some hundred words from a small vocabulary, with numbers and punctuation.
std::vector<std::string> MadeUpTexts() {
  std::vector<std::string> texts;
  uint32_t random = 1;
  const auto next = [&](uint32_t below) {
    random = random * 1664525U + 1013904223U;
    return (random >> 16) % below;
  };
  for (int text = 0; text < 2000; ++text) {
    std::string out;
    for (int word = 0; word < 200; ++word) {
      const uint32_t length = 2 + next(9);
      for (uint32_t i = 0; i < length; ++i) {
        out += static_cast<char>('a' + next(i % 2 == 0 ? 20 : 6));
      }
      out += next(12) == 0 ? ", " : next(30) == 0 ? " 42 " : " ";
    }
    texts.push_back(std::move(out));
  }
  return texts;
}

std::vector<std::string> ReadCorpus() {
  std::vector<std::string> texts;
  const auto bytes = io::ReadMaybeCompressed(DataFolder() + "/scifact/corpus.jsonl");
  if (!bytes.ok()) {
    return MadeUpTexts();
  }
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    const auto document = io::JsonDocument::Parse(rest.substr(0, newline), "corpus.jsonl");
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (document.ok()) {
      const auto title = io::ViewGet<std::string_view>(document->root(), "title", "");
      const auto text = io::ViewGet<std::string_view>(document->root(), "text", "");
      texts.push_back(std::string(title.ok() ? *title : "") + " " +
                      std::string(text.ok() ? *text : ""));
    }
  }
  return texts;
}

const std::vector<std::string>& Corpus() {
  static const std::vector<std::string> texts = ReadCorpus();
  return texts;
}

// The tokenizer of a golden folder, or null with an error set. Its recorded cases must agree.
std::unique_ptr<const Tokenizer> LoadGolden(benchmark::State& state, const std::string& name) {
  const std::string folder = std::string("tests/golden/tokenizers/") + name;
  const auto json = io::ReadMaybeCompressed(folder + "/tokenizer.json.zst");
  const auto cases = io::ReadMaybeCompressed(folder + "/cases.json.zst");
  if (!json.ok() || !cases.ok()) {
    state.SkipWithError("no tests/golden/tokenizers: run it from the root of the source tree");
    return nullptr;
  }
  auto tokenizer = Tokenizer::FromJson(*json, name);
  const auto report = tokenizer.ok() ? CheckTokenizer(**tokenizer, *cases, name)
                                     : Result<CheckReport>(tokenizer.status());
  if (!report.ok() || !report->ok()) {
    state.SkipWithError("the tokenizer does not agree with its recorded results");
    return nullptr;
  }
  return *std::move(tokenizer);
}

void BM_Tokenize(benchmark::State& state, const std::string& name) {
  const std::unique_ptr<const Tokenizer> tokenizer = LoadGolden(state, name);
  if (tokenizer == nullptr) {
    return;
  }
  size_t bytes = 0;
  size_t tokens = 0;
  for (auto _ : state) {
    for (const std::string& text : Corpus()) {
      const TokenizedText result = tokenizer->Tokenize(text);
      tokens += result.ids.size();
      bytes += text.size();
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(BM_Tokenize, bert_uncased, "bert_uncased")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, roberta, "roberta")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, qwen3, "qwen3")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, modernbert, "modernbert")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, t5, "t5")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, deberta_v3, "deberta_v3")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Tokenize, xlmr_spmconv, "xlmr_spmconv")->Unit(benchmark::kMillisecond);

void BM_Load(benchmark::State& state, const std::string& name) {
  const auto json = io::ReadMaybeCompressed(std::string("tests/golden/tokenizers/") + name +
                                            "/tokenizer.json.zst");
  if (!json.ok()) {
    state.SkipWithError("no tests/golden/tokenizers: run it from the root of the source tree");
    return;
  }
  for (auto _ : state) {
    const auto tokenizer = Tokenizer::FromJson(*json, name);
    benchmark::DoNotOptimize(tokenizer.ok());
  }
  state.SetBytesProcessed(static_cast<int64_t>(json->size()) * state.iterations());
}

BENCHMARK_CAPTURE(BM_Load, bert_uncased, "bert_uncased")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Load, qwen3, "qwen3")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Load, deberta_v3, "deberta_v3")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podium::text
