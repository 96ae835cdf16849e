#include "lexical/index_reader.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include <xapian.h>

#include "base/format.h"
#include "io/block_compression.h"
#include "lexical/bm25.h"
#include "lexical/schema.h"
#include "lexical/xapian_status.h"

namespace podium::lexical {
namespace {

// The k best by score, then id.
Result<std::vector<Hit>> Rank(const Xapian::Database& database, std::vector<ScoredDocument> found,
                              size_t k) {
  // Values are stored in order of docid.
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.docid < b.docid; });
  std::vector<Hit> hits;
  hits.reserve(found.size());
  Xapian::ValueIterator id = database.valuestream_begin(kIdSlot);
  const Xapian::ValueIterator end_of_ids = database.valuestream_end(kIdSlot);
  for (const ScoredDocument& document : found) {
    if (id != end_of_ids) {
      id.skip_to(document.docid);
    }
    if (id == end_of_ids || id.get_docid() != document.docid) {
      return DataCorruption(Format("document {} has no id", document.docid));
    }
    hits.push_back({document.docid, *id, document.score});
  }
  const auto better = [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  };
  const auto end = hits.begin() + static_cast<ptrdiff_t>(std::min(k, hits.size()));
  std::partial_sort(hits.begin(), end, hits.end(), better);
  hits.erase(end, hits.end());
  return hits;
}

// How often a call starts again because its blocks were overwritten. Each time it moves to the
// newest generation, so that a second failure needs two more commits within one call.
constexpr int kMaxAttempts = 20;

}  // namespace

// A handle of the database with the generation it is at. Used by one thread at a time.
struct Session {
  Xapian::Database database;
  IndexStats stats;
  std::shared_ptr<const DocumentLengths> lengths;  // of this generation, or null
};

struct IndexReader::Impl {
  std::string path;
  std::unique_ptr<const text::Analyzer> analyzer;

  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<Session>> idle;
  mutable IndexStats stats;  // of the generation that the reader is at
  mutable std::mutex lengths_mutex;
  mutable std::shared_ptr<const DocumentLengths> lengths;  // read at the first search
  mutable uint64_t lengths_generation = 0;

  // Reads what the handle says of itself.
  Status Refresh(Session& session) const {
    const std::string stored = session.database.get_metadata(std::string(kStateKey));
    // What a kill leaves between the making of the database and its first commit.
    if (stored.empty() && session.database.get_doccount() == 0) {
      return NotFound(Format("{}: nothing was indexed here yet", path));
    }
    PODIUM_ASSIGN_OR_RETURN(const IndexState state, IndexState::FromJson(stored, path));
    if (analyzer != nullptr && state.analyzer != analyzer->spec()) {
      return DataCorruption(Format("{}: the index was replaced by one of another analyzer", path));
    }
    session.stats = {.generation = state.generation,
                     .documents = session.database.get_doccount(),
                     .average_length = session.database.get_avlength()};
    session.lengths = nullptr;
    return Status::Ok();
  }

  Result<std::unique_ptr<Session>> NewSession() const {
    auto session = std::make_unique<Session>();
    session->database = Xapian::Database(path);
    PODIUM_RETURN_IF_ERROR(Refresh(*session));
    return session;
  }

  // The lengths of the session's generation, read once for all sessions.
  std::shared_ptr<const DocumentLengths> Lengths(Session& session) const {
    if (session.lengths == nullptr) {
      const std::lock_guard lock(lengths_mutex);
      if (lengths == nullptr || lengths_generation != session.stats.generation) {
        lengths = std::make_shared<const DocumentLengths>(session.database);
        lengths_generation = session.stats.generation;
      }
      session.lengths = lengths;
    }
    return session.lengths;
  }

  // An idle handle or a new one, at the reader's generation or, where that is no longer to be had,
  // the newest, to which the reader then moves.
  Result<std::unique_ptr<Session>> Take() const {
    std::unique_ptr<Session> session;
    uint64_t generation = 0;
    {
      const std::lock_guard lock(mutex);
      generation = stats.generation;
      if (!idle.empty()) {
        session = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (session == nullptr) {
      PODIUM_ASSIGN_OR_RETURN(session, NewSession());
    } else if (session->stats.generation < generation) {
      PODIUM_RETURN_IF_ERROR(Reopen(*session));
    }
    MoveTo(session->stats);
    return session;
  }

  Status Reopen(Session& session) const {
    session.database.reopen();
    return Refresh(session);
  }

  void MoveTo(const IndexStats& newer) const {
    const std::lock_guard lock(mutex);
    if (newer.generation > stats.generation) {
      stats = newer;
    }
  }

  void Return(std::unique_ptr<Session> session) const {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(session));
  }

  Result<Fingerprint> Content(const std::string& value, Xapian::docid docid) const {
    if (value.size() != Fingerprint::kBytes) {
      return DataCorruption(Format("{}: document {} has a fingerprint of {} bytes, expected {}",
                                   path, docid, value.size(), Fingerprint::kBytes));
    }
    return Fingerprint::FromBytes(value);
  }

  Result<StoredDocument> Load(const Session& session, Xapian::docid docid) const {
    StoredDocument stored;
    Document& document = stored.document;
    const Xapian::Document values = session.database.get_document(docid);
    document.id = values.get_value(kIdSlot);
    PODIUM_ASSIGN_OR_RETURN(stored.content, Content(values.get_value(kFingerprintSlot), docid));
    const std::string frame = session.database.get_metadata(RecordKey(docid));
    constexpr size_t kRoomForLengths = 64;
    const Result<std::string> record =
        io::DecompressBlock(frame, kMaxDocumentBytes + kRoomForLengths);
    const Status status =
        record.ok() ? DecodeRecord(*record, document) : std::move(record).status();
    if (!status.ok()) {
      return status.WithContext(Format("{}: document {}", path, docid));
    }
    return stored;
  }

  // work(session), again on a newer generation where the blocks of this one are gone.
  template <typename Work>
  auto With(Work&& work) const -> decltype(work(std::declval<Session&>())) {
    return Guarded(path, [&]() -> decltype(work(std::declval<Session&>())) {
      PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Take());
      for (int attempt = 1;; ++attempt) {
        try {
          auto result = work(*session);
          Return(std::move(session));
          return result;
        } catch (const Xapian::DatabaseModifiedError&) {
          if (attempt == kMaxAttempts) {
            throw;
          }
          PODIUM_RETURN_IF_ERROR(Reopen(*session));
          MoveTo(session->stats);
        }
      }
    });
  }
};

IndexReader::IndexReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexReader::~IndexReader() = default;

Result<std::unique_ptr<const IndexReader>> IndexReader::Open(
    const std::filesystem::path& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory / "iamglass", ignored)) {
    return NotFound(Format("{}: there is no index here", directory.string()));
  }
  auto impl = std::make_unique<Impl>();
  impl->path = directory.string();
  PODIUM_RETURN_IF_ERROR(Guarded(impl->path, [&]() -> Status {
    PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, impl->NewSession());
    const std::string stored = session->database.get_metadata(std::string(kStateKey));
    PODIUM_ASSIGN_OR_RETURN(const IndexState state, IndexState::FromJson(stored, impl->path));
    PODIUM_ASSIGN_OR_RETURN(impl->analyzer, text::Analyzer::Create(state.analyzer));
    impl->stats = session->stats;
    impl->Return(std::move(session));
    return Status::Ok();
  }));
  return std::unique_ptr<const IndexReader>(new IndexReader(std::move(impl)));
}

Result<std::vector<Hit>> IndexReader::Search(std::string_view query, size_t k,
                                             std::span<const Filter> filters) const {
  std::map<std::string, uint32_t> counts;
  impl_->analyzer->ForEach(
      query, [&counts](std::string_view term, text::ByteRange) { ++counts[StoredTerm(term)]; });
  if (counts.empty() || k == 0) {
    return std::vector<Hit>{};
  }
  std::vector<QueryTerm> terms;
  for (const auto& [term, count] : counts) {
    terms.push_back({term, count});
  }
  std::vector<std::string> required;
  for (const Filter& filter : filters) {
    required.push_back(FilterTerm(filter.field, filter.value));
  }
  return impl_->With([&](Session& session) -> Result<std::vector<Hit>> {
    const std::shared_ptr<const DocumentLengths> lengths = impl_->Lengths(session);
    std::vector<ScoredDocument> found = TopByBm25(session.database, *lengths, terms, required, k);
    return Rank(session.database, std::move(found), k);
  });
}

Result<std::optional<Document>> IndexReader::Get(std::string_view id) const {
  const std::string term = IdTerm(id);
  return impl_->With([&](Session& session) -> Result<std::optional<Document>> {
    const Xapian::PostingIterator found = session.database.postlist_begin(term);
    if (found == session.database.postlist_end(term)) {
      return std::optional<Document>();
    }
    PODIUM_ASSIGN_OR_RETURN(StoredDocument stored, impl_->Load(session, *found));
    // Another id may have the same fingerprint.
    return stored.document.id == id ? std::optional<Document>(std::move(stored.document))
                                    : std::nullopt;
  });
}

Result<bool> IndexReader::Holds(const Document& document) const {
  const std::string term = IdTerm(document.id);
  const std::string fingerprint = ContentFingerprint(document).ToBytes();
  return impl_->With([&](Session& session) -> Result<bool> {
    const Xapian::PostingIterator found = session.database.postlist_begin(term);
    return found != session.database.postlist_end(term) &&
           session.database.get_document(*found).get_value(kFingerprintSlot) == fingerprint;
  });
}

Result<StoredDocument> IndexReader::GetByDocid(uint32_t docid) const {
  if (docid == 0) {
    return NotFound(Format("{}: there is no document number 0", impl_->path));
  }
  return impl_->With([&](Session& session) { return impl_->Load(session, docid); });
}

Result<std::vector<Fingerprint>> IndexReader::Contents(std::span<const uint32_t> docids) const {
  // Values are stored in order of docid.
  std::vector<size_t> order(docids.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return docids[a] < docids[b]; });
  return impl_->With([&](Session& session) -> Result<std::vector<Fingerprint>> {
    std::vector<Fingerprint> contents(docids.size());
    Xapian::ValueIterator it = session.database.valuestream_begin(kFingerprintSlot);
    const Xapian::ValueIterator end = session.database.valuestream_end(kFingerprintSlot);
    for (const size_t i : order) {
      if (it != end) {
        it.skip_to(docids[i]);
      }
      if (it == end || it.get_docid() != docids[i]) {
        return NotFound(Format("{}: there is no document number {}", impl_->path, docids[i]));
      }
      PODIUM_ASSIGN_OR_RETURN(contents[i], impl_->Content(*it, docids[i]));
    }
    return contents;
  });
}

Status IndexReader::ForEach(
    const std::function<Status(uint32_t docid, const Document& document)>& visit) const {
  return Guarded(impl_->path, [&]() -> Status {
    PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, impl_->Take());
    const Xapian::Database& database = session->database;
    for (auto it = database.postlist_begin(""); it != database.postlist_end(""); ++it) {
      PODIUM_ASSIGN_OR_RETURN(const StoredDocument stored, impl_->Load(*session, *it));
      PODIUM_RETURN_IF_ERROR(visit(*it, stored.document));
    }
    impl_->Return(std::move(session));
    return Status::Ok();
  });
}

Status IndexReader::ForEachContent(
    const std::function<Status(uint32_t docid, const Fingerprint& content)>& visit) const {
  return Guarded(impl_->path, [&]() -> Status {
    PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, impl_->Take());
    const Xapian::Database& database = session->database;
    const Xapian::ValueIterator end = database.valuestream_end(kFingerprintSlot);
    for (auto it = database.valuestream_begin(kFingerprintSlot); it != end; ++it) {
      PODIUM_ASSIGN_OR_RETURN(const Fingerprint content, impl_->Content(*it, it.get_docid()));
      PODIUM_RETURN_IF_ERROR(visit(it.get_docid(), content));
    }
    impl_->Return(std::move(session));
    return Status::Ok();
  });
}

IndexStats IndexReader::stats() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stats;
}

const text::Analyzer& IndexReader::analyzer() const {
  return *impl_->analyzer;
}

}  // namespace podium::lexical
