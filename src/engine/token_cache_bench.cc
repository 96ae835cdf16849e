// What reranking spends on the tokens of its passages: made from the text, or found in the index.
// The index is made of the corpus of $PODIUM_DATA/scifact (default ../shared/data, so run it from
// the root of the source tree) with BERT's tokenizer of tests/golden. One thread.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "podium/engine.h"

#include "engine/index_builder.h"
#include "engine/index_directory.h"
#include "engine/token_cache_reader.h"
#include "engine/token_cache_update.h"
#include "io/compressed.h"
#include "io/document_reader.h"
#include "text/tokenizer.h"

namespace podium::engine {
namespace {

constexpr size_t kCandidates = 100;

// An index with tokens, made once and removed at the end.
class Fixture {
 public:
  static Fixture& Get() {
    static Fixture fixture;
    return fixture;
  }

  ~Fixture() { std::filesystem::remove_all(directory_); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  const Status& status() const { return status_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path cache() const {
    return directory_ / TokenCacheName(tokenizer_->fingerprint());
  }
  const text::Tokenizer& tokenizer() const { return *tokenizer_; }

  // Documents spread over the index as candidates are.
  static std::vector<uint32_t> Docids(uint64_t documents) {
    constexpr uint64_t kStride = 7919;
    std::vector<uint32_t> docids;
    for (size_t i = 0; i < kCandidates; ++i) {
      docids.push_back(static_cast<uint32_t>(1 + i * kStride % documents));
    }
    return docids;
  }

 private:
  Fixture()
      : directory_(std::filesystem::temp_directory_path() /
                   ("podium_token_cache_bench_" + std::to_string(getpid()))),
        status_(Make()) {}

  Status Make() {
    const char* const data = std::getenv("PODIUM_DATA");
    const std::string corpus =
        std::string(data != nullptr ? data : "../shared/data") + "/scifact/corpus.jsonl";
    PODIUM_ASSIGN_OR_RETURN(
        const std::string json,
        io::ReadMaybeCompressed("tests/golden/tokenizers/bert_uncased/tokenizer.json.zst"));
    PODIUM_ASSIGN_OR_RETURN(tokenizer_, text::Tokenizer::FromJson(json, "bert_uncased"));
    PODIUM_ASSIGN_OR_RETURN(const auto documents, io::OpenDocuments(corpus, {}));
    PODIUM_ASSIGN_OR_RETURN(const auto builder, IndexBuilder::Open(directory_));
    while (true) {
      PODIUM_ASSIGN_OR_RETURN(std::optional<Document> document, documents->Next());
      if (!document) {
        break;
      }
      PODIUM_RETURN_IF_ERROR(builder->Add(*std::move(document)));
    }
    PODIUM_RETURN_IF_ERROR(builder->Commit());
    return UpdateTokenCache(builder->session(), *tokenizer_).status();
  }

  const std::filesystem::path directory_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
  const Status status_;
};

// The index and the texts and contents of some candidates. Null, with an error set, where the index
// cannot be made, or if stored and fresh tokens differ.
struct Candidates {
  std::unique_ptr<const lexical::IndexReader> index;
  std::unique_ptr<const TokenCacheReader> cache;
  std::vector<uint32_t> docids;
  std::vector<std::string> texts;
  size_t tokens = 0;

  static std::unique_ptr<Candidates> Make(benchmark::State& state) {
    const Fixture& fixture = Fixture::Get();
    if (!fixture.status().ok()) {
      state.SkipWithError(fixture.status().ToString().c_str());
      return nullptr;
    }
    auto made = std::make_unique<Candidates>();
    made->index = OpenIndex(fixture.directory()).value();
    made->cache = TokenCacheReader::Open(fixture.cache()).value();
    made->docids = Fixture::Docids(made->index->documents());
    for (const uint32_t docid : made->docids) {
      const lexical::StoredDocument stored = made->index->GetByDocid(docid).value();
      made->texts.push_back(PassageText(stored.document));
      const std::vector<int32_t> ids = fixture.tokenizer().Tokenize(made->texts.back()).ids;
      if (made->cache->Find(docid, stored.content).value() != ids) {
        state.SkipWithError("stored tokens differ from those of the text");
        return nullptr;
      }
      made->tokens += ids.size();
    }
    return made;
  }

  void Report(benchmark::State& state) const {
    state.counters["tokens/s"] =
        benchmark::Counter(static_cast<double>(tokens) * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate);
  }
};

// Time is that of 100 candidates, as one query has them.
void BM_TokenizeTexts(benchmark::State& state) {
  const auto candidates = Candidates::Make(state);
  for (auto _ : state) {
    for (const std::string& text : candidates->texts) {
      benchmark::DoNotOptimize(Fixture::Get().tokenizer().Tokenize(text));
    }
  }
  if (candidates != nullptr) {
    candidates->Report(state);
  }
}
BENCHMARK(BM_TokenizeTexts)->Unit(benchmark::kMicrosecond);

void BM_FindTokens(benchmark::State& state) {
  const auto candidates = Candidates::Make(state);
  for (auto _ : state) {
    const auto contents = candidates->index->Contents(candidates->docids);
    for (size_t i = 0; i < candidates->docids.size(); ++i) {
      benchmark::DoNotOptimize(candidates->cache->Find(candidates->docids[i], (*contents)[i]));
    }
  }
  if (candidates != nullptr) {
    candidates->Report(state);
  }
}
BENCHMARK(BM_FindTokens)->Unit(benchmark::kMicrosecond);

void BM_FetchDocuments(benchmark::State& state) {
  const auto candidates = Candidates::Make(state);
  for (auto _ : state) {
    for (const uint32_t docid : candidates->docids) {
      benchmark::DoNotOptimize(candidates->index->GetByDocid(docid));
    }
  }
}
BENCHMARK(BM_FetchDocuments)->Unit(benchmark::kMicrosecond);

// The tokens of a whole index from scratch: documents read, tokenised, written, flushed.
void BM_StoreTokens(benchmark::State& state) {
  if (Candidates::Make(state) == nullptr) {
    return;
  }
  Fixture& fixture = Fixture::Get();
  const auto session = IndexSession::Open(fixture.directory());
  uint64_t documents = 0;
  for (auto _ : state) {
    std::filesystem::remove_all(fixture.cache());
    const auto update = UpdateTokenCache(**session, fixture.tokenizer(), {.threads = 1});
    documents += update.ok() ? update->made : 0;
  }
  state.counters["documents/s"] =
      benchmark::Counter(static_cast<double>(documents), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_StoreTokens)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podium::engine
