#include "lexical/index_writer.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <xapian.h>

#include "base/format.h"
#include "io/block_compression.h"
#include "lexical/schema.h"
#include "lexical/xapian_status.h"

namespace podium::lexical {
namespace {

// Xapian collects new postings in maps of maps and merges them into the tables when told to or
// after XAPIAN_FLUSH_THRESHOLD documents (10,000). The maps are slow once they outgrow the cache:
// with 60,000 postings writing takes four fifths of the time it takes with Xapian's default, and
// less memory; fewer make the merges dominate.
constexpr size_t kSpillPostings = 60000;

void CountTerms(const text::Analyzer& analyzer, std::string_view text,
                std::unordered_map<std::string, uint32_t>& counts) {
  analyzer.ForEach(
      text, [&counts](std::string_view term, text::ByteRange) { ++counts[std::string(term)]; });
}

}  // namespace

struct PreparedDocument::Impl {
  std::string id;
  std::string id_term;
  std::string fingerprint;
  std::string record;
  Xapian::Document document;
};

PreparedDocument::PreparedDocument() = default;
PreparedDocument::~PreparedDocument() = default;
PreparedDocument::PreparedDocument(PreparedDocument&& other) noexcept = default;
PreparedDocument& PreparedDocument::operator=(PreparedDocument&& other) noexcept = default;

struct IndexWriter::Impl {
  std::string path;
  Xapian::WritableDatabase database;
  IndexState state;
  std::unique_ptr<const text::Analyzer> analyzer;
  Status broken;
  size_t postings = 0;  // collected since the last spill

  // The internal docid of an external id's document, 0 if there is none.
  Xapian::docid Find(const std::string& id_term) const {
    const Xapian::PostingIterator found = database.postlist_begin(id_term);
    return found == database.postlist_end(id_term) ? 0 : *found;
  }

  // Counts what a document adds; hands the collected postings to the tables when they are many.
  // Nothing is committed by that: a transaction is open.
  void Collect(const Xapian::Document& document) {
    postings += document.termlist_count();
    if (postings >= kSpillPostings) {
      database.allterms_begin();  // has to see all terms, so it merges first
      postings = 0;
    }
  }

  // Runs a change; an error other than of the arguments leaves the writer broken.
  template <typename Work>
  auto Change(Work&& work) -> decltype(work()) {
    if (!broken.ok()) {
      return broken;
    }
    auto result = Guarded(path, std::forward<Work>(work));
    if (!result.ok()) {
      broken = StatusOf(result);
    }
    return result;
  }

  static const Status& StatusOf(const Status& status) { return status; }
  template <typename T>
  static const Status& StatusOf(const Result<T>& result) {
    return result.status();
  }

  Status Open(const IndexOptions& options) {
    // Xapian writes its version file last. Without it there is no database, or half of one left by
    // a kill, which DB_CREATE_OR_OPEN would take for a damaged one.
    std::error_code ignored;
    const bool complete =
        std::filesystem::exists(std::filesystem::path(path) / "iamglass", ignored);
    database = Xapian::WritableDatabase(
        path,
        (complete ? Xapian::DB_OPEN : Xapian::DB_CREATE_OR_OVERWRITE) | Xapian::DB_BACKEND_GLASS);
    const std::string stored = database.get_metadata(std::string(kStateKey));
    const bool fresh = stored.empty() && database.get_doccount() == 0;
    if (fresh) {
      state.analyzer = options.analyzer.value_or(text::AnalyzerSpec{});
    } else {
      PODIUM_ASSIGN_OR_RETURN(state, IndexState::FromJson(stored, path));
      if (options.analyzer && *options.analyzer != state.analyzer) {
        return InvalidArgument(Format("{}: made with analyzer {}, which cannot change to {}", path,
                                      state.analyzer.ToJson(), options.analyzer->ToJson()));
      }
    }
    PODIUM_ASSIGN_OR_RETURN(analyzer, text::Analyzer::Create(state.analyzer));
    if (fresh) {
      database.set_metadata(std::string(kStateKey), state.ToJson());
      database.commit();
    }
    // Within a transaction Xapian spills to disk but never commits on its own.
    database.begin_transaction();
    return Status::Ok();
  }
};

IndexWriter::IndexWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

IndexWriter::~IndexWriter() = default;

Result<std::unique_ptr<IndexWriter>> IndexWriter::Open(const std::filesystem::path& directory,
                                                       const IndexOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->path = directory.string();
  PODIUM_RETURN_IF_ERROR(Guarded(impl->path, [&] { return impl->Open(options); }));
  return std::unique_ptr<IndexWriter>(new IndexWriter(std::move(impl)));
}

Result<PreparedDocument> IndexWriter::Prepare(const Document& document) const {
  if (document.id.empty()) {
    return InvalidArgument("a document has an empty id");
  }
  const size_t bytes =
      document.id.size() + document.title.size() + document.text.size() + document.fields.size();
  if (bytes > kMaxDocumentBytes) {
    return InvalidArgument(Format("document {} has {} bytes, the most is {}",
                                  document.id.substr(0, 100), bytes, kMaxDocumentBytes));
  }
  PODIUM_ASSIGN_OR_RETURN(
      const std::vector<std::string> filters,
      FilterTerms(document.fields, Format("fields of document {}", document.id.substr(0, 100))));
  std::unordered_map<std::string, uint32_t> counts;
  CountTerms(*impl_->analyzer, document.title, counts);
  CountTerms(*impl_->analyzer, document.text, counts);

  return Guarded("document " + document.id, [&]() -> Result<PreparedDocument> {
    PreparedDocument prepared;
    prepared.impl_ = std::make_unique<PreparedDocument::Impl>();
    PreparedDocument::Impl& parts = *prepared.impl_;
    parts.id = document.id;
    parts.id_term = IdTerm(document.id);
    const std::string record = EncodeRecord(document);
    parts.fingerprint = FingerprintOf(record).ToBytes();
    parts.record = io::CompressBlock(record);
    if (parts.record.empty()) {
      return ResourceExhausted(Format("no memory to compress document {}", document.id));
    }
    parts.document.add_value(kIdSlot, parts.id);
    parts.document.add_value(kFingerprintSlot, parts.fingerprint);
    parts.document.add_boolean_term(parts.id_term);
    for (const std::string& term : filters) {
      parts.document.add_boolean_term(term);
    }
    for (const auto& [term, count] : counts) {
      parts.document.add_term(StoredTerm(term), count);
    }
    return prepared;
  });
}

Result<PutOutcome> IndexWriter::Put(PreparedDocument document) {
  if (document.impl_ == nullptr) {
    return InvalidArgument("Put was given no document");
  }
  PreparedDocument::Impl& parts = *document.impl_;
  return impl_->Change([&]() -> Result<PutOutcome> {
    Xapian::docid docid = impl_->Find(parts.id_term);
    const bool added = docid == 0;
    if (added) {
      docid = impl_->database.add_document(parts.document);
    } else if (impl_->database.get_document(docid).get_value(kFingerprintSlot) ==
               parts.fingerprint) {
      return PutOutcome::kUnchanged;
    } else {
      impl_->database.replace_document(docid, parts.document);
    }
    impl_->database.set_metadata(RecordKey(docid), parts.record);
    impl_->Collect(parts.document);
    return added ? PutOutcome::kAdded : PutOutcome::kUpdated;
  });
}

Result<PutOutcome> IndexWriter::Put(const Document& document) {
  PODIUM_ASSIGN_OR_RETURN(PreparedDocument prepared, Prepare(document));
  return Put(std::move(prepared));
}

Result<bool> IndexWriter::IsUnchanged(const Document& document) const {
  return impl_->Change([&]() -> Result<bool> {
    const Xapian::docid docid = impl_->Find(IdTerm(document.id));
    return docid != 0 && impl_->database.get_document(docid).get_value(kFingerprintSlot) ==
                             ContentFingerprint(document).ToBytes();
  });
}

Result<bool> IndexWriter::Delete(std::string_view id) {
  return impl_->Change([&]() -> Result<bool> {
    const Xapian::docid docid = impl_->Find(IdTerm(id));
    if (docid == 0) {
      return false;
    }
    impl_->database.delete_document(docid);
    impl_->database.set_metadata(RecordKey(docid), "");
    return true;
  });
}

Status IndexWriter::Commit() {
  return impl_->Change([&] {
    IndexState next = impl_->state;
    ++next.generation;
    impl_->database.set_metadata(std::string(kStateKey), next.ToJson());
    impl_->database.commit_transaction();
    impl_->state = next;
    impl_->database.begin_transaction();
    return Status::Ok();
  });
}

Status IndexWriter::Rollback() {
  return impl_->Change([&] {
    impl_->database.cancel_transaction();
    impl_->database.begin_transaction();
    return Status::Ok();
  });
}

uint64_t IndexWriter::documents() const {
  return impl_->database.get_doccount();
}

uint64_t IndexWriter::generation() const {
  return impl_->state.generation;
}

const text::Analyzer& IndexWriter::analyzer() const {
  return *impl_->analyzer;
}

}  // namespace podium::lexical
