// Start here. Engine opens an index directory (and a reranking model) and answers queries:
//
//   podium::EngineOptions options{.index = "my-index", .reranker = "my-model"};
//   auto engine = podium::Engine::Open(options);
//   auto response = (*engine)->Search({.query = "turn a scanned pdf into text"});
//   for (const podium::SearchResult& result : response->results) { … }
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/document.h"
#include "podium/reranker.h"
#include "podium/status.h"

namespace podium {

struct EngineOptions {
  std::filesystem::path index = {};        // an index directory made by `podium index`
  std::string reranker = {};               // as LoadReranker takes it; "" for the first stage alone
  size_t threads = 0;                      // 0: one per CPU that the process may use
  Precision precision = Precision::kAuto;  // of the reranker
};

// Only documents whose field has this value (one of them, where the field is a list).
struct FieldFilter {
  std::string field;
  std::string value;
};

struct SearchRequest {
  std::string query = {};
  size_t top = 10;          // results wanted; at least 1
  size_t candidates = 100;  // first-stage results given to the reranker; raised to `top` if smaller
  std::vector<FieldFilter> filters = {};  // all must hold
  bool rerank = true;                     // false: first stage alone, even if a model is loaded
  bool documents = true;                  // false: results carry the document id alone
  TruncationRule truncation = TruncationRule::kLongestFirst;
  size_t max_tokens = 0;  // as in RerankRequest
  ScoreSpace scores = ScoreSpace::kModel;
};

struct SearchResult {
  Document document;
  double score = 0;  // what the ranking is by: the reranker's score, else the first stage's
  size_t first_stage_rank = 0;   // from 1
  double first_stage_score = 0;  // BM25
  std::optional<CandidateScore>
      rerank;  // absent without a reranker; may carry this candidate's error
};

// Seconds of wall-clock time per stage.
struct StageTimes {
  double retrieve = 0;
  double fetch = 0;  // reading the stored documents and tokens
  double tokenize = 0;
  double score = 0;
  double total = 0;
};

// Ranked best first: score descending, then first-stage rank, then document id. Candidates that
// could not be scored come last, in first-stage order.
struct SearchResponse {
  std::vector<SearchResult> results;
  size_t candidates = 0;  // how many the first stage gave
  // Reranked candidates whose tokens were stored in the index (`podium index --tokens`); the
  // others' texts were tokenised, to the same scores.
  size_t tokens_from_index = 0;
  bool reranked = false;
  ScoreSpace space = ScoreSpace::kRaw;  // of `score` where reranked
  StageTimes times;
};

// An index and a reranker behind one call. Each call sees one committed generation of the index:
// the one that Open found, or, after a writer has committed at least twice beside it, possibly the
// newest. Search and Get may be called from several threads.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<SearchResponse> Search(const SearchRequest& request) const;

  // Many queries, each answered as Search answers it, the first stage in parallel. One result per
  // request, in order.
  std::vector<Result<SearchResponse>> SearchBatch(std::span<const SearchRequest> requests) const;

  // nullopt if there is no such document.
  Result<std::optional<Document>> Get(std::string_view id) const;

  size_t documents() const;

  // Null for the first stage alone. Lives as long as the engine.
  const Reranker* reranker() const;

  // Byte ranges [begin, end) of `text` whose index terms the query has too, ascending.
  std::vector<std::pair<size_t, size_t>> MatchedRanges(std::string_view query,
                                                       std::string_view text) const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What a model reads of a document: title, a space, text (BEIR's convention); the text alone
// without title.
std::string PassageText(const Document& document);

}  // namespace podium
