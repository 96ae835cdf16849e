// Times a model on a workload, after its results were compared with fp32's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podium/precision.h"
#include "podium/status.h"

#include "base/thread_pool.h"
#include "bench_workload.h"
#include "kernels/kernels.h"
#include "kernels/peak.h"
#include "nn/agreement.h"
#include "nn/model.h"
#include "nn/operations.h"
#include "text/tokenizer.h"

namespace podium::cli::bench {

// A model as it is timed. `tokenizer` may be null where no workload has texts.
struct Subject {
  const nn::Model* model = nullptr;
  const text::Tokenizer* tokenizer = nullptr;
};

// How long to measure: at least so many passes over all requests, and at least so long.
struct Effort {
  size_t passes = 5;
  double seconds = 1;
};

// One pass over all requests of a workload.
struct Pass {
  double seconds = 0;           // elapsed
  double tokenize = 0;          // of all workers
  nn::PerStage stages;          // of all workers
  std::vector<double> latency;  // seconds, per request
};

// Fills the batches of requests of texts. InvalidArgument: a text that cannot be paired.
Status TokenizeAll(const Subject& subject, ThreadPool& pool, Workload& workload);

// The passes of a measurement, quickest first; one more, untimed, comes before them. Cancelled if a
// stop was asked for.
Result<std::vector<Pass>> TimeWorkload(const Subject& subject, const Workload& workload,
                                       ThreadPool& pool, const Effort& effort);

// The value below which the share `p` of the values lies, in [0, 1], between two of them in
// proportion. REQUIRES: values ascend, and there is one.
double Percentile(const std::vector<double>& values, double p);

// What is compared between precisions: the model's results for the first requests of the workload,
// up to about kCheckedPairs pairs; of two labels the difference, which ranks. REQUIRES: texts are
// tokenised.
Result<std::vector<float>> CheckedScores(const nn::Model& model, const Workload& workload,
                                         ThreadPool& pool);
inline constexpr size_t kCheckedPairs = 1000;

// The peak of all workers together, measured now.
kernels::Peak MeasurePeak(const kernels::KernelTable& table, kernels::Numbers numbers,
                          ThreadPool& pool);

}  // namespace podium::cli::bench
