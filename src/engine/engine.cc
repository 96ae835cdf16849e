#include "podium/engine.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "base/stopwatch.h"
#include "base/thread_pool.h"
#include "engine/index_directory.h"
#include "lexical/index_reader.h"
#include "ranking/order.h"
#include "text/analyzer.h"

namespace podium {

struct Engine::Impl {
  std::unique_ptr<const lexical::IndexReader> index;
  std::unique_ptr<Reranker> reranker;
  mutable ThreadPool pool;

  explicit Impl(size_t threads) : pool(threads) {}

  Result<SearchResponse> Retrieve(const SearchRequest& request) const;
  Result<SearchResponse> RetrieveOnce(const SearchRequest& request) const;
  Status ScoreCandidates(const SearchRequest& request, SearchResponse& response) const;
  Result<SearchResponse> Finish(const SearchRequest& request, SearchResponse response) const;
};

namespace {

Status Validate(const SearchRequest& request) {
  if (request.top == 0) {
    return InvalidArgument("top must be at least 1");
  }
  return Status::Ok();
}

// Reorders the results by the ranking rule and keeps the best `top`.
void RankAndCut(size_t top, SearchResponse& response) {
  std::vector<ranking::Scored> scored;
  scored.reserve(response.results.size());
  for (const SearchResult& result : response.results) {
    scored.push_back({.score = result.score,
                      .failed = result.rerank.has_value() && !result.rerank->error.ok(),
                      .first_stage_rank = result.first_stage_rank,
                      .id = result.document.id});
  }
  std::vector<size_t> order = ranking::RankOrder(scored);
  order.resize(std::min(order.size(), top));
  std::vector<SearchResult> ranked;
  ranked.reserve(order.size());
  for (const size_t i : order) {
    ranked.push_back(std::move(response.results[i]));
  }
  response.results = std::move(ranked);
}

}  // namespace

std::string PassageText(const Document& document) {
  if (document.title.empty()) {
    return document.text;
  }
  return document.title + " " + document.text;
}

// First stage: candidates in BM25 order with their stored documents. A document may be deleted
// between the search and the look-up, if a writer commits twice meanwhile: then both are done
// again.
Result<SearchResponse> Engine::Impl::Retrieve(const SearchRequest& request) const {
  PODIUM_RETURN_IF_ERROR(Validate(request));
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    Result<SearchResponse> response = RetrieveOnce(request);
    if (response.ok() || response.status().code() != StatusCode::kNotFound ||
        attempt == kAttempts) {
      return response;
    }
  }
}

Result<SearchResponse> Engine::Impl::RetrieveOnce(const SearchRequest& request) const {
  const bool rerank = request.rerank && reranker != nullptr;
  const size_t depth = rerank ? std::max(request.candidates, request.top) : request.top;
  std::vector<lexical::Filter> filters;
  filters.reserve(request.filters.size());
  for (const FieldFilter& filter : request.filters) {
    filters.push_back({filter.field, filter.value});
  }
  Stopwatch clock;
  SearchResponse response;
  PODIUM_ASSIGN_OR_RETURN(const std::vector<lexical::Hit> hits,
                          index->Search(request.query, depth, filters));
  response.times.retrieve = clock.Lap();
  response.candidates = hits.size();
  response.results.reserve(hits.size());
  for (const lexical::Hit& hit : hits) {
    SearchResult result;
    if (rerank || request.documents) {
      PODIUM_ASSIGN_OR_RETURN(lexical::StoredDocument stored, index->GetByDocid(hit.docid));
      result.document = std::move(stored.document);
    } else {
      result.document.id = hit.id;
    }
    result.score = hit.score;
    result.first_stage_rank = response.results.size() + 1;
    result.first_stage_score = hit.score;
    response.results.push_back(std::move(result));
  }
  response.times.fetch = clock.Lap();
  response.times.total = response.times.retrieve + response.times.fetch;
  return response;
}

Status Engine::Impl::ScoreCandidates(const SearchRequest& request, SearchResponse& response) const {
  RerankRequest rerank{.query = request.query,
                       .truncation = request.truncation,
                       .max_tokens = request.max_tokens,
                       .scores = request.scores};
  rerank.candidates.reserve(response.results.size());
  for (const SearchResult& result : response.results) {
    rerank.candidates.push_back(PassageText(result.document));
  }
  PODIUM_ASSIGN_OR_RETURN(RerankResponse scored, reranker->Rerank(rerank));
  for (size_t i = 0; i < scored.scores.size(); ++i) {
    response.results[i].score = scored.scores[i].score;
    response.results[i].rerank = std::move(scored.scores[i]);
  }
  response.reranked = true;
  response.space = scored.space;
  response.times.tokenize = scored.tokenize_seconds;
  response.times.score = scored.score_seconds;
  response.times.total += scored.tokenize_seconds + scored.score_seconds;
  return Status::Ok();
}

// Second stage, order and cut.
Result<SearchResponse> Engine::Impl::Finish(const SearchRequest& request,
                                            SearchResponse response) const {
  if (request.rerank && reranker != nullptr) {
    PODIUM_RETURN_IF_ERROR(ScoreCandidates(request, response));
  }
  RankAndCut(request.top, response);
  return response;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  auto impl = std::make_unique<Impl>(options.threads);
  PODIUM_ASSIGN_OR_RETURN(impl->index, engine::OpenIndex(options.index));
  if (!options.reranker.empty()) {
    PODIUM_ASSIGN_OR_RETURN(impl->reranker,
                            LoadReranker(options.reranker, {.threads = options.threads}));
  }
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<SearchResponse> Engine::Search(const SearchRequest& request) const {
  PODIUM_ASSIGN_OR_RETURN(SearchResponse response, impl_->Retrieve(request));
  return impl_->Finish(request, std::move(response));
}

std::vector<Result<SearchResponse>> Engine::SearchBatch(
    std::span<const SearchRequest> requests) const {
  std::vector<Result<SearchResponse>> responses(requests.size(), SearchResponse{});
  impl_->pool.ParallelFor(requests.size(), [&](size_t i, size_t /*worker*/) {
    responses[i] = impl_->Retrieve(requests[i]);
  });
  for (size_t i = 0; i < requests.size(); ++i) {
    if (responses[i].ok()) {
      responses[i] = impl_->Finish(requests[i], *std::move(responses[i]));
    }
  }
  return responses;
}

Result<std::optional<Document>> Engine::Get(std::string_view id) const {
  return impl_->index->Get(id);
}

std::vector<std::pair<size_t, size_t>> Engine::MatchedRanges(std::string_view query,
                                                             std::string_view text) const {
  const text::Analyzer& analyzer = impl_->index->analyzer();
  std::unordered_set<std::string> wanted;
  for (text::Term& term : analyzer.Analyze(query)) {
    wanted.insert(std::move(term.term));
  }
  std::vector<std::pair<size_t, size_t>> ranges;
  for (const text::Term& term : analyzer.Analyze(text)) {
    if (wanted.contains(term.term)) {
      ranges.emplace_back(term.range.begin, term.range.end);
    }
  }
  return ranges;
}

size_t Engine::documents() const {
  return impl_->index->documents();
}

}  // namespace podium
