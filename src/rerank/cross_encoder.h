// Cross-encoder reranking: query and passage in one sequence, one logit out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "podium/reranker.h"

#include "base/thread_pool.h"
#include "nn/model.h"
#include "text/tokenizer.h"

namespace podium::rerank {

// A candidate as it is at hand: its text, or the ids that the model's tokenizer gives for its text.
using Passage = std::variant<std::string_view, std::span<const int32_t>>;

// Reranker over a Hugging Face sequence-classification checkpoint with one label (the logit is the
// raw score) or two (logit[1] - logit[0], whose sigmoid is the softmax probability of label 1).
class CrossEncoder final : public Reranker {
 public:
  static Result<std::unique_ptr<CrossEncoder>> Load(const std::string& model,
                                                    const RerankerOptions& options);

  Result<RerankResponse> Rerank(const RerankRequest& request) const override;

  // Rerank with `passages` in place of the request's candidates. Scores are the same bits for text
  // and for its ids.
  Result<RerankResponse> RerankPassages(const RerankRequest& request,
                                        std::span<const Passage> passages) const;

  const text::Tokenizer& tokenizer() const { return *tokenizer_; }
  const std::string& name() const override { return name_; }
  Precision precision() const override { return model_->info().precision; }

 private:
  CrossEncoder(std::string name, std::unique_ptr<const nn::Model> model,
               std::unique_ptr<const text::Tokenizer> tokenizer, size_t threads);

  // The longest pair in tokens for this request, or why there is none.
  Result<size_t> Window(const RerankRequest& request) const;

  // The pair as the model reads it; an error concerns this candidate alone.
  Result<text::ModelInput> EncodePair(std::span<const int32_t> query, const Passage& passage,
                                      TruncationRule rule, size_t window) const;

  // One request on its way through the workers.
  struct Job;

  // Tokenises some candidates and runs the model over those without an error, all on one worker.
  Status ScoreGroup(Job& job, std::span<const uint32_t> candidates, size_t worker) const;
  // Fills in what the model put out for a candidate.
  void SetRaw(const float* logits, CandidateScore& score) const;

  ScoreSpace ResolveSpace(ScoreSpace wanted) const;

  const std::string name_;
  const std::unique_ptr<const nn::Model> model_;
  const std::unique_ptr<const text::Tokenizer> tokenizer_;
  mutable ThreadPool pool_;
};

}  // namespace podium::rerank
