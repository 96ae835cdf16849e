#include "rerank/cross_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "base/stopwatch.h"
#include "io/hub_cache.h"
#include "nn/models/block_plan.h"
#include "nn/token_batch.h"

namespace podium::rerank {
namespace {

double Sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

// What the checkpoint must be for its output to be one relevance score.
Status CheckScorable(const std::string& name, const nn::ModelInfo& info) {
  if (info.task != nn::ModelTask::kClassify) {
    return Unsupported(Format(
        "model {} ({}) gives embeddings, not scores: a reranker needs a sequence-classification "
        "head",
        name, info.architecture));
  }
  if (info.outputs != 1 && info.outputs != 2) {
    return Unsupported(
        Format("model {} has {} labels; a reranker needs one, or two (irrelevant, relevant)", name,
               info.outputs));
  }
  const nn::ScoreActivation odd =
      info.outputs == 1 ? nn::ScoreActivation::kSoftmax : nn::ScoreActivation::kSigmoid;
  if (info.activation == odd) {
    return Unsupported(
        Format("model {}: {} asks for an activation that gives no ranking over {} label(s)", name,
               info.activation_source, info.outputs));
  }
  return Status::Ok();
}

text::TruncationStrategy ToStrategy(TruncationRule rule) {
  switch (rule) {
    case TruncationRule::kLongestFirst: return text::TruncationStrategy::kLongestFirst;
    case TruncationRule::kOnlyDocument: return text::TruncationStrategy::kOnlySecond;
    case TruncationRule::kNone: return text::TruncationStrategy::kNone;
  }
  return text::TruncationStrategy::kNone;
}

// About how many tokens each pair has, before any text is read: enough to share the work evenly,
// and scores do not depend on it.
std::vector<uint32_t> EstimateLengths(std::span<const Passage> passages, size_t query_tokens,
                                      size_t window) {
  constexpr size_t kBytesPerToken = 5;  // of English in WordPiece, with the space
  std::vector<uint32_t> lengths;
  lengths.reserve(passages.size());
  for (const Passage& passage : passages) {
    const auto* text = std::get_if<std::string_view>(&passage);
    const size_t tokens = text != nullptr ? text->size() / kBytesPerToken
                                          : std::get<std::span<const int32_t>>(passage).size();
    lengths.push_back(static_cast<uint32_t>(std::min(query_tokens + tokens + 1, window)));
  }
  return lengths;
}

}  // namespace

CrossEncoder::CrossEncoder(std::string name, std::unique_ptr<const nn::Model> model,
                           std::unique_ptr<const text::Tokenizer> tokenizer, size_t threads)
    : name_(std::move(name)),
      model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      pool_(threads) {}

Result<std::unique_ptr<CrossEncoder>> CrossEncoder::Load(const std::string& model,
                                                         const RerankerOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const std::filesystem::path directory, io::ResolveModel(model));
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<const nn::Model> network,
                          nn::Model::Load(directory, {.precision = options.precision}));
  PODIUM_RETURN_IF_ERROR(CheckScorable(model, network->info()));
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<const text::Tokenizer> tokenizer,
                          text::Tokenizer::Load(directory));
  return std::unique_ptr<CrossEncoder>(
      new CrossEncoder(model, std::move(network), std::move(tokenizer), options.threads));
}

Result<size_t> CrossEncoder::Window(const RerankRequest& request) const {
  size_t window = model_->info().max_tokens;
  window = std::min(window, tokenizer_->model_max_length().value_or(window));
  if (request.max_tokens > 0) {
    window = std::min(window, request.max_tokens);
  }
  const size_t specials = tokenizer_->SpecialTokens(true);
  if (window <= specials) {
    return InvalidArgument(
        Format("a pair of at most {} tokens leaves no room beside its {} special tokens", window,
               specials));
  }
  return window;
}

Result<text::ModelInput> CrossEncoder::EncodePair(std::span<const int32_t> query,
                                                  const Passage& passage, TruncationRule rule,
                                                  size_t window) const {
  text::TokenizedText tokenized;
  if (const auto* text = std::get_if<std::string_view>(&passage)) {
    tokenized = tokenizer_->Tokenize(*text);
  }
  const auto* stored = std::get_if<std::span<const int32_t>>(&passage);
  PODIUM_ASSIGN_OR_RETURN(
      text::ModelInput pair,
      tokenizer_->AssembleIds(query, stored != nullptr ? *stored : tokenized.ids,
                              {.strategy = ToStrategy(rule), .max_length = window}));
  if (pair.ids.size() > window) {
    return InvalidArgument(
        Format("the pair has {} tokens and the model takes {}", pair.ids.size(), window));
  }
  const auto vocabulary = static_cast<int64_t>(model_->info().vocab_size);
  for (const int32_t id : pair.ids) {
    if (id >= vocabulary) {
      return InvalidArgument(
          Format("token id {} is outside the model's vocabulary of {}: tokenizer and weights do "
                 "not belong "
                 "together",
                 id, vocabulary));
    }
  }
  return pair;
}

struct CrossEncoder::Job {
  const RerankRequest& request;
  std::span<const Passage> passages;
  std::span<const int32_t> query;
  size_t window = 0;
  std::vector<CandidateScore>& scores;
  nn::Model::Session& session;
  // What the workers were busy with, each in a cell of its own.
  struct Busy {
    double tokenize = 0;
    double score = 0;
  };
  std::vector<Busy> busy;
};

void CrossEncoder::SetRaw(const float* logits, CandidateScore& score) const {
  score.raw = model_->info().outputs == 1 ? double{logits[0]} : double{logits[1]} - logits[0];
  if (!std::isfinite(score.raw)) {
    score.error = Internal(Format("model {} gave {} for this candidate", name_, score.raw));
    score.raw = 0;
  }
}

Status CrossEncoder::ScoreGroup(Job& job, std::span<const uint32_t> candidates,
                                size_t worker) const {
  Stopwatch clock;
  nn::TokenBatch batch;
  std::vector<uint32_t> origin;
  for (const uint32_t i : candidates) {
    CandidateScore& score = job.scores[i];
    const Result<text::ModelInput> pair =
        EncodePair(job.query, job.passages[i], job.request.truncation, job.window);
    if (!pair.ok()) {
      score.error = pair.status();
      continue;
    }
    score.tokens = pair->ids.size();
    score.query_tokens_dropped = pair->dropped_first;
    score.document_tokens_dropped = pair->dropped_second;
    batch.Add(pair->ids, pair->type_ids);
    origin.push_back(i);
  }
  job.busy[worker].tokenize += clock.Lap();
  const size_t labels = model_->info().outputs;
  std::vector<float> logits(origin.size() * labels);
  PODIUM_RETURN_IF_ERROR(job.session.Run(batch, worker, logits));
  for (size_t row = 0; row < origin.size(); ++row) {
    SetRaw(&logits[row * labels], job.scores[origin[row]]);
  }
  job.busy[worker].score += clock.Lap();
  return Status::Ok();
}

ScoreSpace CrossEncoder::ResolveSpace(ScoreSpace wanted) const {
  if (wanted != ScoreSpace::kModel) {
    return wanted;
  }
  return model_->info().activation == nn::ScoreActivation::kIdentity ? ScoreSpace::kRaw
                                                                     : ScoreSpace::kSigmoid;
}

Result<RerankResponse> CrossEncoder::Rerank(const RerankRequest& request) const {
  const std::vector<Passage> passages(request.candidates.begin(), request.candidates.end());
  return RerankPassages(request, passages);
}

Result<RerankResponse> CrossEncoder::RerankPassages(const RerankRequest& request,
                                                    std::span<const Passage> passages) const {
  PODIUM_ASSIGN_OR_RETURN(const size_t window, Window(request));
  Stopwatch clock;
  RerankResponse response;
  response.space = ResolveSpace(request.scores);
  response.scores.resize(passages.size());
  const text::TokenizedText query = tokenizer_->Tokenize(request.query);
  nn::BlockPlan plan;
  plan.Make(EstimateLengths(passages, query.ids.size(), window), pool_.size());
  const nn::RunOptions options;
  nn::Model::Session session(*model_, pool_, options);
  Job job = {request, passages, query.ids, window, response.scores, session, {}};
  job.busy.resize(pool_.size());
  std::vector<Status> failures(plan.size());
  pool_.ParallelFor(plan.size(), [&](size_t group, size_t worker) {
    failures[group] = ScoreGroup(job, plan.sequences(group), worker);
  });
  for (const Status& failure : failures) {
    PODIUM_RETURN_IF_ERROR(failure);
  }
  for (CandidateScore& score : response.scores) {
    if (score.error.ok()) {
      score.score = response.space == ScoreSpace::kSigmoid ? Sigmoid(score.raw) : score.raw;
    }
  }
  Job::Busy busy;
  for (const Job::Busy& worker : job.busy) {
    busy.tokenize += worker.tokenize;
    busy.score += worker.score;
  }
  const double total = clock.Lap();
  const double all = busy.tokenize + busy.score;
  response.tokenize_seconds = all > 0 ? total * busy.tokenize / all : total;
  response.score_seconds = total - response.tokenize_seconds;
  return response;
}

}  // namespace podium::rerank
