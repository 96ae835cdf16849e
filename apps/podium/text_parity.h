// Compares tokenizer and model together with recorded scores of text pairs (an e2e.json file;
// docs/formats/cases.md).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "podium/status.h"

#include "base/thread_pool.h"
#include "kernels/kernels.h"
#include "nn/parity.h"

namespace podium::cli {

struct TextParity {
  size_t pairs = 0;
  size_t token_differences = 0;  // pairs whose ids or segment ids are not equal
  std::string first_difference;  // the query and document of the first of them
  nn::ParityOutput logit;        // worst_case is the pair's number, from 0
  nn::ParityOutput sigmoid;

  bool passed() const { return token_differences == 0 && logit.passed() && sigmoid.passed(); }
};

// Tokenises every pair of `path` with the tokenizer in `dir`, scores it with the model there, and
// compares ids, logit and its sigmoid. DataCorruption: a file of another form.
Result<TextParity> CheckTexts(const std::filesystem::path& dir, const std::filesystem::path& path,
                              const kernels::KernelTable& table, ThreadPool& pool);

}  // namespace podium::cli
