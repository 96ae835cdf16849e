#include "podium/engine.h"

#include <algorithm>
#include <atomic>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "base/thread_pool.h"
#include "engine/index_directory.h"
#include "engine/token_cache_reader.h"
#include "lexical/index_reader.h"
#include "ranking/order.h"
#include "rerank/cross_encoder.h"
#include "text/analyzer.h"

namespace podium {
namespace {

// Token ids of a passage, where the index holds them.
using StoredIds = std::optional<std::vector<int32_t>>;

// What the first stage hands on.
struct Retrieved {
  SearchResponse response;
  std::vector<StoredIds> ids;  // one per result
};

}  // namespace

struct Engine::Impl {
  std::unique_ptr<const lexical::IndexReader> index;
  std::unique_ptr<const rerank::CrossEncoder> reranker;
  std::unique_ptr<const engine::TokenCacheReader> tokens;  // of the reranker's tokenizer; or null
  mutable std::atomic<bool> warned_of_tokens = false;
  mutable ThreadPool pool;

  explicit Impl(size_t threads) : pool(threads) {}

  Result<Retrieved> Retrieve(const SearchRequest& request) const;
  Result<Retrieved> RetrieveOnce(const SearchRequest& request) const;
  Status Fetch(const SearchRequest& request, const lexical::Hit& hit, Document& document,
               StoredIds& ids) const;
  StoredIds FindIds(uint32_t docid, const Fingerprint& content) const;
  Status ScoreCandidates(const SearchRequest& request, Retrieved& retrieved) const;
  Result<SearchResponse> Finish(const SearchRequest& request, Retrieved retrieved) const;
};

namespace {

// The tokens that the index holds for this tokenizer; null where it has none that can be read.
std::unique_ptr<const engine::TokenCacheReader> OpenTokens(const std::filesystem::path& index,
                                                           const text::Tokenizer& tokenizer) {
  auto opened =
      engine::TokenCacheReader::Open(index / engine::TokenCacheName(tokenizer.fingerprint()));
  if (opened.ok()) {
    return *std::move(opened);
  }
  if (opened.status().code() != StatusCode::kNotFound) {
    Log(LogLevel::kWarning, "{}; documents are tokenised for each query instead",
        opened.status().message());
  }
  return nullptr;
}

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
Result<Retrieved> Engine::Impl::Retrieve(const SearchRequest& request) const {
  PODIUM_RETURN_IF_ERROR(Validate(request));
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    Result<Retrieved> retrieved = RetrieveOnce(request);
    if (retrieved.ok() || retrieved.status().code() != StatusCode::kNotFound ||
        attempt == kAttempts) {
      return retrieved;
    }
  }
}

StoredIds Engine::Impl::FindIds(uint32_t docid, const Fingerprint& content) const {
  Result<StoredIds> found = tokens->Find(docid, content);
  if (!found.ok() && !warned_of_tokens.exchange(true)) {
    Log(LogLevel::kWarning, "{}; its text is tokenised instead", found.status().message());
  }
  return found.ok() ? *std::move(found) : std::nullopt;
}

// What the later stages and the caller need of a hit: its document, its token ids, or both.
Status Engine::Impl::Fetch(const SearchRequest& request, const lexical::Hit& hit,
                           Document& document, StoredIds& ids) const {
  const bool rerank = request.rerank && reranker != nullptr;
  if (rerank && tokens != nullptr && !request.documents) {
    PODIUM_ASSIGN_OR_RETURN(const Fingerprint content, index->ContentOf(hit.docid));
    ids = FindIds(hit.docid, content);
  }
  if (!request.documents && (!rerank || ids.has_value())) {
    document.id = hit.id;
    return Status::Ok();
  }
  PODIUM_ASSIGN_OR_RETURN(lexical::StoredDocument stored, index->GetByDocid(hit.docid));
  if (rerank && tokens != nullptr && request.documents) {
    ids = FindIds(hit.docid, stored.content);
  }
  document = std::move(stored.document);
  return Status::Ok();
}

Result<Retrieved> Engine::Impl::RetrieveOnce(const SearchRequest& request) const {
  const bool rerank = request.rerank && reranker != nullptr;
  const size_t depth = rerank ? std::max(request.candidates, request.top) : request.top;
  std::vector<lexical::Filter> filters;
  filters.reserve(request.filters.size());
  for (const FieldFilter& filter : request.filters) {
    filters.push_back({filter.field, filter.value});
  }
  Stopwatch clock;
  Retrieved retrieved;
  SearchResponse& response = retrieved.response;
  PODIUM_ASSIGN_OR_RETURN(const std::vector<lexical::Hit> hits,
                          index->Search(request.query, depth, filters));
  response.times.retrieve = clock.Lap();
  response.candidates = hits.size();
  response.results.reserve(hits.size());
  for (const lexical::Hit& hit : hits) {
    SearchResult result;
    PODIUM_RETURN_IF_ERROR(Fetch(request, hit, result.document, retrieved.ids.emplace_back()));
    result.score = hit.score;
    result.first_stage_rank = response.results.size() + 1;
    result.first_stage_score = hit.score;
    response.results.push_back(std::move(result));
  }
  response.times.fetch = clock.Lap();
  response.times.total = response.times.retrieve + response.times.fetch;
  return retrieved;
}

Status Engine::Impl::ScoreCandidates(const SearchRequest& request, Retrieved& retrieved) const {
  SearchResponse& response = retrieved.response;
  const RerankRequest rerank{.query = request.query,
                             .truncation = request.truncation,
                             .max_tokens = request.max_tokens,
                             .scores = request.scores};
  std::vector<std::string> texts(retrieved.ids.size());
  std::vector<rerank::Passage> passages;
  passages.reserve(retrieved.ids.size());
  for (size_t i = 0; i < retrieved.ids.size(); ++i) {
    if (retrieved.ids[i].has_value()) {
      passages.emplace_back(std::span<const int32_t>(*retrieved.ids[i]));
      ++response.tokens_from_index;
    } else {
      texts[i] = PassageText(response.results[i].document);
      passages.emplace_back(std::string_view(texts[i]));
    }
  }
  PODIUM_ASSIGN_OR_RETURN(RerankResponse scored, reranker->RerankPassages(rerank, passages));
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
                                            Retrieved retrieved) const {
  if (request.rerank && reranker != nullptr) {
    PODIUM_RETURN_IF_ERROR(ScoreCandidates(request, retrieved));
  }
  RankAndCut(request.top, retrieved.response);
  return std::move(retrieved.response);
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  auto impl = std::make_unique<Impl>(options.threads);
  PODIUM_ASSIGN_OR_RETURN(impl->index, engine::OpenIndex(options.index));
  if (!options.reranker.empty()) {
    PODIUM_ASSIGN_OR_RETURN(
        impl->reranker,
        rerank::CrossEncoder::Load(options.reranker,
                                   {.threads = options.threads, .precision = options.precision}));
    impl->tokens = OpenTokens(options.index, impl->reranker->tokenizer());
  }
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<SearchResponse> Engine::Search(const SearchRequest& request) const {
  PODIUM_ASSIGN_OR_RETURN(Retrieved retrieved, impl_->Retrieve(request));
  return impl_->Finish(request, std::move(retrieved));
}

std::vector<Result<SearchResponse>> Engine::SearchBatch(
    std::span<const SearchRequest> requests) const {
  std::vector<Result<Retrieved>> retrieved(requests.size(), Retrieved{});
  impl_->pool.ParallelFor(requests.size(), [&](size_t i, size_t /*worker*/) {
    retrieved[i] = impl_->Retrieve(requests[i]);
  });
  std::vector<Result<SearchResponse>> responses;
  responses.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    responses.push_back(retrieved[i].ok() ? impl_->Finish(requests[i], *std::move(retrieved[i]))
                                          : Result<SearchResponse>(retrieved[i].status()));
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
