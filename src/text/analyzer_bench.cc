// Speed of index-time analysis on English prose: MB/s of one thread.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "text/analyzer.h"

namespace podium::text {
namespace {

std::string Prose() {
  const std::string_view passage =
      "Alterations of the architecture of cerebral white matter in the developing human brain can "
      "affect cortical development and result in functional disabilities. A line scan "
      "diffusion-weighted magnetic resonance imaging (MRI) sequence with diffusion tensor analysis "
      "was applied to measure the apparent diffusion coefficient (1.2 \u03BCm2/ms). ";
  std::string text;
  while (text.size() < (size_t{1} << 20)) {
    text += passage;
  }
  return text;
}

void BM_Analyze(benchmark::State& state) {
  const std::string text = Prose();
  const auto analyzer = Analyzer::Create({});
  if (!analyzer.ok() || (*analyzer)->Analyze("The Cats").size() != 1) {
    state.SkipWithError("the analyzer gives wrong terms");
    return;
  }
  size_t bytes = 0;
  for (auto _ : state) {
    (*analyzer)->ForEach(text,
                         [&bytes](std::string_view term, ByteRange) { bytes += term.size(); });
  }
  benchmark::DoNotOptimize(bytes);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_Analyze)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podium::text
