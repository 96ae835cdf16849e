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

// A first-stage result on its way through the stages.
struct Candidate {
  SearchResult result;  // of the document the id alone, until it is fetched
  uint32_t docid = 0;
  bool fetched = false;
  std::optional<Fingerprint> content;       // of the document, where ids were looked for
  std::optional<std::vector<int32_t>> ids;  // of its passage, where the index holds them
};

// What the first stage hands on: a response still without results.
struct Retrieved {
  SearchResponse response;
  std::vector<Candidate> candidates;
};

}  // namespace

struct Engine::Impl {
  std::unique_ptr<const lexical::IndexReader> index;
  std::unique_ptr<const rerank::CrossEncoder> reranker;
  std::unique_ptr<const engine::TokenCacheReader> tokens;  // of the reranker's tokenizer; or null
  mutable std::atomic<bool> warned_of_tokens = false;
  mutable ThreadPool pool;

  explicit Impl(size_t threads) : pool(threads) {}

  bool Reranks(const SearchRequest& request) const { return request.rerank && reranker != nullptr; }

  Result<SearchResponse> Search(const SearchRequest& request) const;
  Result<Retrieved> Retrieve(const SearchRequest& request) const;
  Result<SearchResponse> Finish(const SearchRequest& request, Retrieved retrieved) const;

  Status FindTokens(std::vector<Candidate>& candidates) const;
  Status Fetch(Candidate& candidate) const;
  Status ScoreCandidates(const SearchRequest& request, Retrieved& retrieved) const;
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

// The best `top` candidates, ordered by the ranking rule.
std::vector<Candidate> RankAndCut(size_t top, std::vector<Candidate> candidates) {
  std::vector<ranking::Scored> scored;
  scored.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    const SearchResult& result = candidate.result;
    scored.push_back({.score = result.score,
                      .failed = result.rerank.has_value() && !result.rerank->error.ok(),
                      .first_stage_rank = result.first_stage_rank,
                      .id = result.document.id});
  }
  std::vector<size_t> order = ranking::RankOrder(scored);
  order.resize(std::min(order.size(), top));
  std::vector<Candidate> ranked;
  ranked.reserve(order.size());
  for (const size_t i : order) {
    ranked.push_back(std::move(candidates[i]));
  }
  return ranked;
}

}  // namespace

std::string PassageText(const Document& document) {
  if (document.title.empty()) {
    return document.text;
  }
  return document.title + " " + document.text;
}

// A document may be deleted or changed between one look at it and the next, if a writer commits
// twice meanwhile: then the query is answered again.
Result<SearchResponse> Engine::Impl::Search(const SearchRequest& request) const {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    Result<Retrieved> retrieved = Retrieve(request);
    Result<SearchResponse> response =
        retrieved.ok() ? Finish(request, *std::move(retrieved)) : retrieved.status();
    if (response.ok() || response.status().code() != StatusCode::kNotFound ||
        attempt == kAttempts) {
      return response;
    }
  }
}

// First stage: candidates in BM25 order, with what the second stage reads of them.
Result<Retrieved> Engine::Impl::Retrieve(const SearchRequest& request) const {
  PODIUM_RETURN_IF_ERROR(Validate(request));
  const bool rerank = Reranks(request);
  const size_t depth = rerank ? std::max(request.candidates, request.top) : request.top;
  std::vector<lexical::Filter> filters;
  filters.reserve(request.filters.size());
  for (const FieldFilter& filter : request.filters) {
    filters.push_back({filter.field, filter.value});
  }
  Stopwatch clock;
  Retrieved retrieved;
  PODIUM_ASSIGN_OR_RETURN(std::vector<lexical::Hit> hits,
                          index->Search(request.query, depth, filters));
  retrieved.response.times.retrieve = clock.Lap();
  retrieved.response.candidates = hits.size();
  retrieved.candidates.reserve(hits.size());
  for (lexical::Hit& hit : hits) {
    Candidate& candidate = retrieved.candidates.emplace_back();
    candidate.docid = hit.docid;
    candidate.result.document.id = std::move(hit.id);
    candidate.result.score = hit.score;
    candidate.result.first_stage_rank = retrieved.candidates.size();
    candidate.result.first_stage_score = hit.score;
  }
  if (rerank && tokens != nullptr) {
    PODIUM_RETURN_IF_ERROR(FindTokens(retrieved.candidates));
  }
  for (Candidate& candidate : retrieved.candidates) {
    if (rerank ? !candidate.ids.has_value() : request.documents) {
      PODIUM_RETURN_IF_ERROR(Fetch(candidate));
    }
  }
  retrieved.response.times.fetch = clock.Lap();
  return retrieved;
}

Status Engine::Impl::FindTokens(std::vector<Candidate>& candidates) const {
  std::vector<uint32_t> docids;
  docids.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    docids.push_back(candidate.docid);
  }
  PODIUM_ASSIGN_OR_RETURN(const std::vector<Fingerprint> contents, index->Contents(docids));
  for (size_t i = 0; i < candidates.size(); ++i) {
    candidates[i].content = contents[i];
    auto found = tokens->Find(docids[i], contents[i]);
    if (found.ok()) {
      candidates[i].ids = *std::move(found);
    } else if (!warned_of_tokens.exchange(true)) {
      Log(LogLevel::kWarning, "{}; its text is tokenised instead", found.status().message());
    }
  }
  return Status::Ok();
}

Status Engine::Impl::Fetch(Candidate& candidate) const {
  PODIUM_ASSIGN_OR_RETURN(lexical::StoredDocument stored, index->GetByDocid(candidate.docid));
  if (candidate.content.has_value() && stored.content != *candidate.content) {
    return NotFound(Format("document {} was changed while it was read", stored.document.id));
  }
  candidate.result.document = std::move(stored.document);
  candidate.fetched = true;
  return Status::Ok();
}

Status Engine::Impl::ScoreCandidates(const SearchRequest& request, Retrieved& retrieved) const {
  SearchResponse& response = retrieved.response;
  std::vector<Candidate>& candidates = retrieved.candidates;
  const RerankRequest rerank{.query = request.query,
                             .truncation = request.truncation,
                             .max_tokens = request.max_tokens,
                             .scores = request.scores};
  std::vector<std::string> texts(candidates.size());
  std::vector<rerank::Passage> passages;
  passages.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].ids.has_value()) {
      passages.emplace_back(std::span<const int32_t>(*candidates[i].ids));
      ++response.tokens_from_index;
    } else {
      texts[i] = PassageText(candidates[i].result.document);
      passages.emplace_back(std::string_view(texts[i]));
    }
  }
  PODIUM_ASSIGN_OR_RETURN(RerankResponse scored, reranker->RerankPassages(rerank, passages));
  for (size_t i = 0; i < candidates.size(); ++i) {
    candidates[i].result.score = scored.scores[i].score;
    candidates[i].result.rerank = std::move(scored.scores[i]);
  }
  response.reranked = true;
  response.space = scored.space;
  response.times.tokenize = scored.tokenize_seconds;
  response.times.score = scored.score_seconds;
  return Status::Ok();
}

// Second stage, order and cut, and the documents that are still to be fetched.
Result<SearchResponse> Engine::Impl::Finish(const SearchRequest& request,
                                            Retrieved retrieved) const {
  if (Reranks(request)) {
    PODIUM_RETURN_IF_ERROR(ScoreCandidates(request, retrieved));
  }
  SearchResponse& response = retrieved.response;
  Stopwatch clock;
  for (Candidate& candidate : RankAndCut(request.top, std::move(retrieved.candidates))) {
    if (request.documents && !candidate.fetched) {
      PODIUM_RETURN_IF_ERROR(Fetch(candidate));
    }
    response.results.push_back(std::move(candidate.result));
  }
  StageTimes& times = response.times;
  times.fetch += clock.Lap();
  times.total = times.retrieve + times.fetch + times.tokenize + times.score;
  return std::move(response);
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
  return impl_->Search(request);
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
    Result<SearchResponse> response = retrieved[i].ok()
                                          ? impl_->Finish(requests[i], *std::move(retrieved[i]))
                                          : retrieved[i].status();
    if (response.status().code() == StatusCode::kNotFound) {
      response = impl_->Search(requests[i]);
    }
    responses.push_back(std::move(response));
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

const Reranker* Engine::reranker() const {
  return impl_->reranker.get();
}

size_t Engine::documents() const {
  return impl_->index->documents();
}

}  // namespace podium
