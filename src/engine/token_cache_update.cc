#include "engine/token_cache_update.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/thread_pool.h"
#include "engine/token_cache_writer.h"

namespace podium::engine {
namespace {

// Documents tokenised before their ids are written, by one thread: enough to keep all threads busy,
// little enough to bound the memory.
constexpr size_t kBatch = 1024;

struct Tokenized {
  Fingerprint content;
  std::vector<int32_t> ids;
  Status status;
};

// Docids without usable tokens, ascending. Those that no document has are dropped from the cache.
Result<std::vector<uint32_t>> FindMissing(const lexical::IndexReader& index,
                                          TokenCacheWriter& cache) {
  std::vector<uint32_t> missing;
  uint32_t next = 1;  // the docid after the last one seen
  PODIUM_RETURN_IF_ERROR(index.ForEachContent([&](uint32_t docid, const Fingerprint& content) {
    cache.Remove(next, docid);
    next = docid + 1;
    if (!cache.Holds(docid, content)) {
      missing.push_back(docid);
    }
    return Status::Ok();
  }));
  cache.Remove(next, UINT32_MAX);
  return missing;
}

void Tokenize(const lexical::IndexReader& index, const text::Tokenizer& tokenizer, uint32_t docid,
              Tokenized& out) {
  Result<lexical::StoredDocument> stored = index.GetByDocid(docid);
  if (!stored.ok()) {
    out.status = stored.status();
    return;
  }
  out.content = stored->content;
  out.ids = tokenizer.Tokenize(PassageText(stored->document)).ids;
}

}  // namespace

Result<TokenUpdate> UpdateTokenCache(const IndexSession& session, const text::Tokenizer& tokenizer,
                                     const TokenUpdateOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const lexical::IndexReader> index,
                          OpenIndex(session.directory()));
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<TokenCacheWriter> cache,
      TokenCacheWriter::Open(session.directory(), {.tokenizer = tokenizer.fingerprint(),
                                                   .vocab_size = tokenizer.vocab_size(),
                                                   .model = options.model}));
  PODIUM_ASSIGN_OR_RETURN(const std::vector<uint32_t> missing, FindMissing(*index, *cache));
  ThreadPool pool(options.threads);
  std::vector<Tokenized> batch;
  const size_t commit_documents =
      options.commit_documents > 0 ? options.commit_documents : missing.size();
  uint64_t committed = 0;  // of the missing ones
  Status stopped;
  TokenUpdate update;
  while (update.made < missing.size() && stopped.ok()) {
    const auto docids = std::span(missing).subspan(update.made);
    const size_t count =
        std::min({kBatch, docids.size(), commit_documents - (update.made - committed)});
    batch.assign(count, {});
    pool.ParallelFor(count, [&](size_t i, size_t /*worker*/) {
      Tokenize(*index, tokenizer, docids[i], batch[i]);
    });
    for (size_t i = 0; i < count; ++i) {
      PODIUM_RETURN_IF_ERROR(batch[i].status);
      PODIUM_RETURN_IF_ERROR(cache->Put(docids[i], batch[i].content, batch[i].ids));
    }
    update.made += count;
    if (options.on_progress) {
      stopped = options.on_progress(update.made, missing.size());
    }
    if (update.made - committed == commit_documents ||
        (options.commit_bytes > 0 && cache->uncommitted_bytes() >= options.commit_bytes)) {
      PODIUM_RETURN_IF_ERROR(cache->Commit());
      committed = update.made;
    }
  }
  PODIUM_RETURN_IF_ERROR(cache->Commit());
  PODIUM_RETURN_IF_ERROR(stopped);
  update.documents = cache->documents();
  return update;
}

}  // namespace podium::engine
