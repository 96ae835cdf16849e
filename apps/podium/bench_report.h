// What `podium bench` found, for people and for programs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "podium/precision.h"

#include "bench_measure.h"
#include "io/json.h"
#include "kernels/kernels.h"
#include "nn/agreement.h"
#include "nn/model.h"
#include "nn/operations.h"

namespace podium::cli::bench {

struct WorkloadFacts {
  std::string name;
  size_t requests = 0;
  size_t pairs = 0;
  size_t tokens = 0;
  size_t shortest = 0;  // pair
  size_t longest = 0;
  nn::Operations operations = {};
};

WorkloadFacts Describe(const Workload& workload, const nn::ModelInfo& model);

// One workload on one set of kernels, in one precision, with one number of threads.
struct Entry {
  size_t workload = 0;  // in Report::workloads
  Precision precision = Precision::kFp32;
  const kernels::KernelTable* table = nullptr;
  size_t threads = 0;
  std::vector<Pass> passes = {};  // quickest first
  kernels::Peak peak = {};        // of all threads
  nn::Agreement agreement = {};   // with fp32
  size_t weight_bytes = 0;
};

struct Report {
  nn::ModelInfo model;
  std::string source;  // the directory, or "random weights"
  std::string reference_kernels;
  std::vector<WorkloadFacts> workloads;
  std::vector<Entry> entries;
};

// docs/benchmarking.md has the fields.
io::Json ToJson(const Report& report);

std::string ToText(const Report& report);

}  // namespace podium::cli::bench
