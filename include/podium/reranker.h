// Scoring candidates against a query with a model that reads both together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "podium/precision.h"
#include "podium/status.h"

namespace podium {

// Which side of an over-long pair loses tokens. Every loss is reported, whichever is chosen.
enum class TruncationRule : uint8_t {
  kLongestFirst,  // the longer side first, as sentence-transformers and TEI do
  kOnlyDocument,  // the query stays whole; an error for a candidate whose query alone fills the
                  // window
  kNone,          // an over-long pair is an error of that candidate
};

// What a score means. A score is never transformed twice: raw is what the model's head put out.
enum class ScoreSpace : uint8_t {
  kModel,    // as the model's own configuration asks: raw or sigmoid
  kRaw,      // the logit, unbounded
  kSigmoid,  // 1 / (1 + exp(-raw)), in (0, 1)
};

// "raw" or "sigmoid"; "model" for kModel, which no response carries.
std::string_view ScoreSpaceName(ScoreSpace space);

struct RerankRequest {
  std::string query = {};                    // UTF-8; ill-formed bytes count as U+FFFD
  std::vector<std::string> candidates = {};  // texts; the order is the order of the response
  TruncationRule truncation = TruncationRule::kLongestFirst;
  size_t max_tokens =
      0;  // longest pair, special tokens included; 0: what the model takes. Never more.
  ScoreSpace scores = ScoreSpace::kModel;
};

// One candidate's outcome. With an error, the scores are 0 and mean nothing.
struct CandidateScore {
  double score = 0;   // in the response's score space
  double raw = 0;     // the logit
  size_t tokens = 0;  // of the pair as the model read it
  size_t query_tokens_dropped = 0;
  size_t document_tokens_dropped = 0;
  Status error;  // why this candidate has no score

  bool truncated() const { return query_tokens_dropped + document_tokens_dropped > 0; }
};

struct RerankResponse {
  std::vector<CandidateScore> scores;   // one per candidate, in the request's order
  ScoreSpace space = ScoreSpace::kRaw;  // kRaw or kSigmoid
  // Wall-clock time of the call. Workers score pairs while others are still being tokenised, so it
  // is divided as their time was.
  double tokenize_seconds = 0;
  double score_seconds = 0;
};

// A loaded reranking model. Immutable; Rerank may be called from several threads, which then take
// turns.
class Reranker {
 public:
  virtual ~Reranker() = default;

  // Scores every candidate. A candidate's score depends on query and text alone, bit for bit, never
  // on the other candidates or on the number of threads. Errors that concern one candidate are in
  // its entry; the call fails only if nothing can be scored.
  virtual Result<RerankResponse> Rerank(const RerankRequest& request) const = 0;

  // The model's name as loaded, for reports.
  virtual const std::string& name() const = 0;

  // What its matrix products are computed in; never kAuto.
  virtual Precision precision() const = 0;
};

struct RerankerOptions {
  size_t threads = 0;  // 0: one per CPU that the process may use
  Precision precision = Precision::kAuto;
};

// Loads a cross-encoder in Hugging Face layout. `model` is a directory, or "org/name" that lies in
// the Hugging Face cache of this machine. Errors name the file and what was expected in it.
Result<std::unique_ptr<Reranker>> LoadReranker(const std::string& model,
                                               const RerankerOptions& options = {});

}  // namespace podium
