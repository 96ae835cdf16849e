// IndexReader: BM25 search over an index, and the documents themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/document.h"
#include "podium/status.h"

#include "base/fingerprint.h"
#include "text/analyzer.h"

namespace podium::lexical {

struct Hit {
  uint32_t docid = 0;  // internal; stays with an id until the document is deleted
  std::string id;
  double score = 0;  // BM25, above 0
};

// The document's field (or a scalar in that list field) has this value. Members of objects are
// named by their path, "author.name"; numbers and true/false as JSON writes them.
struct Filter {
  std::string field;
  std::string value;
};

// A document and the fingerprint of its title, text and fields: whatever was made of the document
// and kept elsewhere is still right while the fingerprint is the same.
struct StoredDocument {
  Document document;
  Fingerprint content;
};

struct IndexStats {
  uint64_t generation = 0;
  uint64_t documents = 0;
  double average_length = 0;  // terms per document, stop words not counted
};

// A committed generation of an index, open for reading. Thread-safe; calls run in parallel.
//
// Each call sees one generation. The reader stays at the generation it was opened at while a writer
// works and commits beside it, as long as that generation's blocks are on disk: Xapian keeps them
// through the next commit and may reuse them from the second on. A call that meets a reused block
// moves the whole reader to the newest generation and runs again there, unseen by the caller but
// for stats().generation. Docids outlive the move unless their document was deleted.
class IndexReader {
 public:
  // NotFound if there is no index in `directory`.
  static Result<std::unique_ptr<const IndexReader>> Open(const std::filesystem::path& directory);

  ~IndexReader();
  IndexReader(const IndexReader&) = delete;
  IndexReader& operator=(const IndexReader&) = delete;

  // The best `k` documents that have a term of the query and pass all filters: score descending,
  // ties by id ascending (bytes), which also decides who is among the k. A query without terms
  // (empty, only stop words) has no hits. The score is BM25 as Xapian computes it with k1 = 0.9,
  // b = 0.4, each occurrence of a term in the query counting.
  Result<std::vector<Hit>> Search(std::string_view query, size_t k,
                                  std::span<const Filter> filters = {}) const;

  // nullopt if there is no such document.
  Result<std::optional<Document>> Get(std::string_view id) const;

  // Whether there is a document of this id that equals `document`.
  Result<bool> Holds(const Document& document) const;

  // NotFound if there is no such document (any more).
  Result<StoredDocument> GetByDocid(uint32_t docid) const;

  // The fingerprints that GetByDocid gives, in the same order, without reading the documents.
  // NotFound if one of them is not there (any more).
  Result<std::vector<Fingerprint>> Contents(std::span<const uint32_t> docids) const;

  // Calls visit for every document in order of docid until it returns an error, which is returned.
  // All documents are of one generation; if that vanishes on the way, ResourceExhausted.
  Status ForEach(
      const std::function<Status(uint32_t docid, const Document& document)>& visit) const;

  // As ForEach, for the fingerprints alone; no document is read.
  Status ForEachContent(
      const std::function<Status(uint32_t docid, const Fingerprint& content)>& visit) const;

  IndexStats stats() const;
  uint64_t documents() const { return stats().documents; }
  const text::Analyzer& analyzer() const;

 private:
  struct Impl;
  explicit IndexReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace podium::lexical
