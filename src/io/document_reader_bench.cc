// Speed of reading BEIR lines: MB/s of one thread, from the page cache.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "io/document_reader.h"
#include "io/file.h"

namespace podium::io {
namespace {

constexpr size_t kLines = 20000;

std::string Corpus() {
  std::string text;
  for (size_t i = 0; i < kLines; ++i) {
    text += "{\"_id\": \"" + std::to_string(i) +
            "\", \"title\": \"A title of some words\", \"text\": \"";
    for (int sentence = 0; sentence < 10; ++sentence) {
      text += "Alterations of the architecture of cerebral white matter in the human brain. ";
    }
    text += "\", \"metadata\": {\"year\": 2020}}\n";
  }
  return text;
}

void BM_ReadBeirLines(benchmark::State& state) {
  const std::string path =
      (std::filesystem::temp_directory_path() / "podium-document-reader-bench.jsonl").string();
  const std::string corpus = Corpus();
  if (!WriteFileAtomic(path, corpus).ok()) {
    state.SkipWithError("cannot write the corpus");
    return;
  }
  for (auto _ : state) {
    size_t documents = 0;
    const auto reader = OpenDocuments(path, {});
    while (reader.ok()) {
      const auto document = (*reader)->Next();
      if (!document.ok() || !document->has_value()) {
        break;
      }
      ++documents;
    }
    if (documents != kLines) {
      state.SkipWithError("documents are missing");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(corpus.size()));
  std::filesystem::remove(path);
}
BENCHMARK(BM_ReadBeirLines)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podium::io
