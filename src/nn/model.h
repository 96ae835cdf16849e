// A transformer encoder with its head, loaded from a Hugging Face directory: token ids in, logits
// or embeddings out, equal to the reference implementation's up to rounding.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/precision.h"
#include "podium/status.h"

#include "base/thread_pool.h"
#include "kernels/kernels.h"
#include "nn/layers/pooling.h"
#include "nn/models/encoder.h"
#include "nn/models/model_config.h"
#include "nn/ops/stage_clock.h"
#include "nn/token_batch.h"

namespace podium::nn {

struct ModelInfo {
  std::string name;          // the directory's own name
  std::string family;        // "bert": model_type of config.json
  std::string architecture;  // "BertForSequenceClassification"
  ModelTask task = ModelTask::kClassify;
  size_t hidden_size = 0;
  size_t layers = 0;
  size_t heads = 0;
  size_t intermediate_size = 0;
  size_t vocab_size = 0;
  size_t type_vocab_size = 0;       // 0: type ids are ignored
  std::string activation_function;  // of the feed-forward: "gelu (erf)"
  // Tokens to cut a text to, special tokens included: the least of the positions, max_seq_length
  // (sentence_bert_config.json) and model_max_length (tokenizer_config.json).
  size_t max_tokens = 0;
  size_t max_positions = 0;  // the longest sequence that Run takes
  std::string max_tokens_source;
  size_t outputs = 0;               // labels, or dimension of the embedding
  std::vector<std::string> labels;  // of a classifier, in the order of its outputs
  ScoreActivation activation = ScoreActivation::kIdentity;
  std::string activation_source;  // the file and key that decided it, or "default for 1 label"
  std::string pooling;            // "mean", "cls+mean", …; empty for a classifier
  std::string pooling_source;
  bool normalize = false;   // the embedding has length 1
  uint64_t parameters = 0;  // weights in use
  std::string dtype;        // of the word embeddings in the file: "F32"
  // True: of the last layer no more is computed than what the head reads of it, the first token of
  // each sequence.
  bool first_token_only = false;
  std::vector<std::string> unused_tensors;  // in the file, known, and of no effect
  size_t weight_bytes = 0;  // memory of packed weights, the mapped word table not counted
  std::string kernels;      // "avx512"
  Precision precision = Precision::kFp32;  // of the matrix products; never kAuto
  std::string precision_source;            // who chose it and why
};

struct LoadOptions {
  // The kernels to run on; null: kernels::ActiveKernels().
  const kernels::KernelTable* kernels = nullptr;
  Precision precision = Precision::kFp32;
  // For a bare encoder: pool like this and do no more than `normalize` says, whatever the
  // directory's modules.json asks for.
  std::optional<Pooling> pooling = {};
  bool normalize = false;
};

struct RunOptions {
  // Sees all hidden states, for locating a difference; it costs time.
  StateObserver observer = {};
  // Gets the busy seconds of all workers added; what is missing to threads x elapsed time, they
  // waited. Null: no clock is read.
  PerStage* stages = nullptr;
};

// Immutable after Load. Run is const and may be called from many threads, each with its own pool or
// sharing one (its loops then take turns).
class Model {
 public:
  // Reads config.json, the weights and, where they exist, sentence-transformers' files. Errors name
  // the file and what is wrong in it.
  static Result<std::unique_ptr<const Model>> Load(const std::filesystem::path& dir,
                                                   const LoadOptions& options = {});
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelInfo& info() const;

  // Row-major [sequences x info().outputs]: logits before any activation, or embeddings after the
  // whole chain of modules. Bit-identical whatever the batch holds besides, and whatever the number
  // of threads. InvalidArgument, naming the sequence: an empty one, one longer than max_positions,
  // an id outside the vocabulary, a type id outside the segment table. Weights are finite, but
  // their products may overflow: a value that is not finite is an error of that sequence alone,
  // and the caller's to report.
  Result<std::vector<float>> Run(const TokenBatch& batch, ThreadPool& pool,
                                 const RunOptions& options = {}) const;

  class Session;

 private:
  struct Impl;
  explicit Model(std::unique_ptr<const Impl> impl);

  std::unique_ptr<const Impl> impl_;
};

struct RequestState;

// The memory of one request, and Run for the workers of a loop that is under way: for callers whose
// workers prepare what they run. After the first sessions of a model, nothing here allocates; a
// worker's memory is bounded by the longest sequence and the size of a block, whatever the request.
class Model::Session {
 public:
  // REQUIRES: model, pool and options outlive the session.
  Session(const Model& model, ThreadPool& pool, const RunOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Model::Run for a batch that is no request of its own, by worker `worker` of a running
  // ParallelFor of the pool. Workers that have no task help. `results` has [sequences x
  // info().outputs].
  Status Run(const TokenBatch& batch, size_t worker, std::span<float> results);

 private:
  friend class Model;
  // The block that the worker's workspace holds.
  void RunBlock(const TokenBatch& batch, size_t worker, std::span<float> results);

  const Impl& model_;
  ThreadPool& pool_;
  const RunOptions& options_;
  std::unique_ptr<RequestState> state_;
};

}  // namespace podium::nn
