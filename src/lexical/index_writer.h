// IndexWriter: adds, replaces and deletes documents of a BM25 index.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "podium/document.h"
#include "podium/status.h"

#include "text/analyzer.h"

namespace podium::lexical {

struct IndexOptions {
  // How texts become terms. Unset: as the index was made; English for a new one. Set and different
  // from what the index was made with: Open fails.
  std::optional<text::AnalyzerSpec> analyzer;
};

// What became of a document that was put.
enum class PutOutcome : uint8_t { kAdded, kUpdated, kUnchanged };

// A document ready to be stored: analysed, encoded and fingerprinted. Made by Prepare on any
// thread, used up by Put. Move-only.
class PreparedDocument {
 public:
  PreparedDocument();
  ~PreparedDocument();
  PreparedDocument(PreparedDocument&& other) noexcept;
  PreparedDocument& operator=(PreparedDocument&& other) noexcept;

 private:
  friend class IndexWriter;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The writer of the index in one directory. What is put or deleted shows to readers, and survives a
// kill, from the next Commit on; without it, it is dropped. One writer per index at a time. Not
// thread-safe but for Prepare. After an error of Put, Delete or Commit that is not InvalidArgument
// (a full disk, say) the writer refuses all further work with that error; what was committed before
// stays.
class IndexWriter {
 public:
  // Opens the index in `directory`, or makes one (generation 0, empty, committed at once).
  // ResourceExhausted while another writer has it open.
  static Result<std::unique_ptr<IndexWriter>> Open(const std::filesystem::path& directory,
                                                   const IndexOptions& options = {});

  ~IndexWriter();
  IndexWriter(const IndexWriter&) = delete;
  IndexWriter& operator=(const IndexWriter&) = delete;

  // The costly half of Put. InvalidArgument for an empty id, fields that are not a JSON object, or
  // a document of more than 64 MiB. Thread-safe.
  Result<PreparedDocument> Prepare(const Document& document) const;

  // Adds the document, or replaces the one with its id (the internal docid stays). A document
  // equal to the stored one is left alone.
  Result<PutOutcome> Put(PreparedDocument document);
  Result<PutOutcome> Put(const Document& document);

  // True if there is such a document and it equals `document`, uncommitted changes included.
  Result<bool> IsUnchanged(const Document& document) const;

  // True if there was such a document.
  Result<bool> Delete(std::string_view id);

  // Makes everything since the last Commit permanent as one step, and moves to the next generation.
  Status Commit();

  // Drops everything since the last Commit.
  Status Rollback();

  uint64_t documents() const;   // uncommitted changes included
  uint64_t generation() const;  // of the last Commit
  const text::Analyzer& analyzer() const;

 private:
  struct Impl;
  explicit IndexWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace podium::lexical
