// Reranks the BM25 candidates of each query in one ragged batch and again one by one: times both,
// and fails unless every logit is the same to the bit.
//
//   rerank_one_by_one INDEX MODEL QUERIES [QUERY_COUNT [CANDIDATES]]
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "podium/engine.h"

#include "base/stopwatch.h"
#include "base/thread_pool.h"
#include "eval/queries.h"

namespace podium {
namespace {

struct Totals {
  size_t pairs = 0;
  size_t tokens = 0;
  size_t truncated = 0;
  size_t failed = 0;
  size_t different = 0;
  StageTimes stages;
  double one_by_one_seconds = 0;
};

Status CompareQuery(const Engine& engine, const Reranker& reranker, const std::string& query,
                    size_t candidates, Totals& totals) {
  PODIUM_ASSIGN_OR_RETURN(
      const SearchResponse response,
      engine.Search({.query = query, .top = candidates, .candidates = candidates}));
  totals.stages.retrieve += response.times.retrieve;
  totals.stages.fetch += response.times.fetch;
  totals.stages.tokenize += response.times.tokenize;
  totals.stages.score += response.times.score;
  for (const SearchResult& result : response.results) {
    Stopwatch clock;
    PODIUM_ASSIGN_OR_RETURN(
        const RerankResponse alone,
        reranker.Rerank({.query = query, .candidates = {PassageText(result.document)}}));
    totals.one_by_one_seconds += clock.Seconds();
    const CandidateScore& among = *result.rerank;
    totals.pairs += 1;
    totals.tokens += among.tokens;
    totals.truncated += among.truncated() ? 1 : 0;
    totals.failed += among.error.ok() ? 0 : 1;
    totals.different += alone.scores[0].raw == among.raw ? 0 : 1;
  }
  return Status::Ok();
}

void Report(const Totals& totals, size_t queries, const std::string& model) {
  const StageTimes& stages = totals.stages;
  const double batch = stages.tokenize + stages.score;
  const auto pairs = static_cast<double>(totals.pairs);
  std::printf(
      "model %s, %zu threads, %zu queries, %zu pairs, %.1f tokens a pair, %zu cut, %zu without a "
      "score\n",
      model.c_str(), AvailableCpus(), queries, totals.pairs,
      static_cast<double>(totals.tokens) / pairs, totals.truncated, totals.failed);
  std::printf("per query: retrieve %.2f ms, fetch %.2f ms, tokenize %.2f ms, score %.1f ms\n",
              1e3 * stages.retrieve / static_cast<double>(queries),
              1e3 * stages.fetch / static_cast<double>(queries),
              1e3 * stages.tokenize / static_cast<double>(queries),
              1e3 * stages.score / static_cast<double>(queries));
  std::printf("in one batch %.1f pairs/s, one by one %.1f pairs/s (%.2f times)\n", pairs / batch,
              pairs / totals.one_by_one_seconds, totals.one_by_one_seconds / batch);
  std::printf("%zu of %zu logits differ between the two\n", totals.different, totals.pairs);
}

Status Compare(const std::string& index, const std::string& model, const std::string& queries_path,
               size_t limit, size_t candidates) {
  PODIUM_ASSIGN_OR_RETURN(std::vector<eval::Query> queries, eval::ReadQueries(queries_path));
  if (queries.size() > limit) {
    queries.resize(limit);
  }
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                          Engine::Open({.index = index, .reranker = model}));
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Reranker> reranker, LoadReranker(model));
  Totals totals;
  for (const eval::Query& query : queries) {
    PODIUM_RETURN_IF_ERROR(CompareQuery(*engine, *reranker, query.text, candidates, totals));
  }
  if (totals.pairs == 0) {
    return InvalidArgument("no query has a candidate");
  }
  Report(totals, queries.size(), model);
  return totals.different == 0 ? Status::Ok() : Internal("scores depend on their batch");
}

}  // namespace
}  // namespace podium

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) {
    std::fprintf(stderr, "usage: %s INDEX MODEL QUERIES [QUERY_COUNT [CANDIDATES]]\n", argv[0]);
    return 2;
  }
  const size_t queries = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 30;
  const size_t candidates = argc > 5 ? std::strtoul(argv[5], nullptr, 10) : 100;
  const podium::Status status = podium::Compare(argv[1], argv[2], argv[3], queries, candidates);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
