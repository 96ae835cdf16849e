#include "bench_measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"
#include "base/interrupt.h"
#include "base/stopwatch.h"

namespace podium::cli::bench {
namespace {

size_t Window(const Subject& subject) {
  const size_t window = subject.model->info().max_tokens;
  return std::min(window, subject.tokenizer->model_max_length().value_or(window));
}

// The batch of a request of texts. `seconds` gets the time of all workers added.
Result<nn::TokenBatch> Tokenize(const Subject& subject, const Request& request, ThreadPool& pool,
                                double& seconds) {
  const Stopwatch query_clock;
  const text::TokenizedText query = subject.tokenizer->Tokenize(request.query);
  const text::Truncation truncation = {.max_length = Window(subject)};
  std::vector<text::Encoding> pairs(request.passages.size());
  std::vector<Status> errors(pairs.size());
  std::vector<double> busy(pool.size());
  seconds += query_clock.Seconds();
  pool.ParallelFor(pairs.size(), [&](size_t i, size_t worker) {
    const Stopwatch clock;
    const text::TokenizedText passage = subject.tokenizer->Tokenize(request.passages[i]);
    Result<text::Encoding> pair = subject.tokenizer->Assemble(query, &passage, truncation);
    if (pair.ok()) {
      pairs[i] = *std::move(pair);
    } else {
      errors[i] = pair.status();
    }
    busy[worker] += clock.Seconds();
  });
  seconds += std::accumulate(busy.begin(), busy.end(), 0.0);
  nn::TokenBatch batch;
  for (size_t i = 0; i < pairs.size(); ++i) {
    PODIUM_RETURN_IF_ERROR(errors[i].WithContext(Format("query \"{}\"", request.query)));
    batch.Add(pairs[i].ids, pairs[i].type_ids);
  }
  return batch;
}

// As a reranker answers it: texts in, scores out; and of ids without the first part.
Status RunRequest(const Subject& subject, const Workload& workload, const Request& request,
                  ThreadPool& pool, Pass& pass) {
  if (!workload.texts) {
    return subject.model->Run(request.batch, pool, {.stages = &pass.stages}).status();
  }
  PODIUM_ASSIGN_OR_RETURN(const nn::TokenBatch batch,
                          Tokenize(subject, request, pool, pass.tokenize));
  return subject.model->Run(batch, pool, {.stages = &pass.stages}).status();
}

Result<Pass> RunPass(const Subject& subject, const Workload& workload, ThreadPool& pool) {
  Pass pass;
  for (const Request& request : workload.requests) {
    PODIUM_RETURN_IF_ERROR(CheckStop());
    const Stopwatch clock;
    PODIUM_RETURN_IF_ERROR(RunRequest(subject, workload, request, pool, pass));
    pass.latency.push_back(clock.Seconds());
  }
  pass.seconds = std::accumulate(pass.latency.begin(), pass.latency.end(), 0.0);
  return pass;
}

}  // namespace

Status TokenizeAll(const Subject& subject, ThreadPool& pool, Workload& workload) {
  double ignored = 0;
  for (Request& request : workload.requests) {
    PODIUM_RETURN_IF_ERROR(CheckStop());
    PODIUM_ASSIGN_OR_RETURN(request.batch, Tokenize(subject, request, pool, ignored));
  }
  return Status::Ok();
}

Result<std::vector<Pass>> TimeWorkload(const Subject& subject, const Workload& workload,
                                       ThreadPool& pool, const Effort& effort) {
  PODIUM_RETURN_IF_ERROR(RunPass(subject, workload, pool).status());
  std::vector<Pass> passes;
  const Stopwatch clock;
  while (passes.size() < effort.passes || clock.Seconds() < effort.seconds) {
    PODIUM_ASSIGN_OR_RETURN(Pass pass, RunPass(subject, workload, pool));
    passes.push_back(std::move(pass));
  }
  std::sort(passes.begin(), passes.end(),
            [](const Pass& a, const Pass& b) { return a.seconds < b.seconds; });
  return passes;
}

double Percentile(const std::vector<double>& values, double p) {
  const double place = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

Result<std::vector<float>> CheckedScores(const nn::Model& model, const Workload& workload,
                                         ThreadPool& pool) {
  const nn::ModelInfo& info = model.info();
  const bool difference = info.task == nn::ModelTask::kClassify && info.outputs == 2;
  std::vector<float> scores;
  size_t pairs = 0;
  for (const Request& request : workload.requests) {
    PODIUM_RETURN_IF_ERROR(CheckStop());
    PODIUM_ASSIGN_OR_RETURN(const std::vector<float> outputs, model.Run(request.batch, pool));
    if (difference) {
      for (size_t i = 0; i < outputs.size(); i += 2) {
        scores.push_back(outputs[i + 1] - outputs[i]);
      }
    } else {
      scores.insert(scores.end(), outputs.begin(), outputs.end());
    }
    pairs += request.batch.sequences();
    if (pairs >= kCheckedPairs) {
      break;
    }
  }
  return scores;
}

kernels::Peak MeasurePeak(const kernels::KernelTable& table, kernels::Numbers numbers,
                          ThreadPool& pool) {
  std::vector<kernels::Peak> peaks(pool.size());
  pool.ParallelFor(peaks.size(),
                   [&](size_t i, size_t) { peaks[i] = kernels::MeasurePeak(table, numbers); });
  kernels::Peak all = peaks.front();
  for (size_t i = 1; i < peaks.size(); ++i) {
    all.gflops += peaks[i].gflops;
  }
  return all;
}

}  // namespace podium::cli::bench
