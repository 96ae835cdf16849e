// Compares a model with recorded outputs of the reference implementation (a cases.json file;
// docs/formats/cases.md): how a user verifies a checkpoint, a conversion or an instruction set.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/status.h"

#include "base/thread_pool.h"
#include "kernels/kernels.h"

namespace podium::nn {

// A result may differ from the reference by this many times the reference's own rounding noise (the
// difference between its float32 and float64 runs). Another order of summation costs a few times
// the noise; the cheapest real mistake known, a LayerNorm epsilon of 1e-5 for 1e-12, costs some 60
// times.
constexpr double kParityTolerance = 20.0;

// One kind of output ("logits", "mean", "hidden_states") over all cases that record it.
struct ParityOutput {
  std::string name;
  bool primary = false;  // the output that decides
  size_t cases = 0;
  double worst = 0;        // largest absolute difference; infinity where a value is not finite
  std::string worst_case;  // where, with the layer for hidden states
  double floor = 0;        // the reference's noise

  double ratio() const { return worst / floor; }
  bool passed() const { return ratio() <= kParityTolerance; }
};

struct ParityReport {
  std::string model;      // as the case file names it
  std::string reference;  // what made it
  std::string kernels;
  std::vector<ParityOutput> outputs;
  std::vector<ParityOutput> edge;  // unusual inputs: reported, not decisive
  // The named cases run as one mixed batch: how many of their values are not bit-equal to the
  // single runs.
  size_t batch_cases = 0;
  size_t batch_differences = 0;

  // Every output of ordinary cases within the tolerance, and the batch equal to the single runs.
  bool passed() const;
};

// Runs `cases_path` against the model in `dir` on the kernels `table`. Unsupported: a kind of case
// file other than "classify" and "embed". DataCorruption: one that does not have the form of
// docs/formats/cases.md.
Result<ParityReport> CheckParity(const std::filesystem::path& dir,
                                 const std::filesystem::path& cases_path,
                                 const kernels::KernelTable& table, ThreadPool& pool);

}  // namespace podium::nn
