// The directory of an index: what is in it, and who may write (docs/formats/index.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "podium/status.h"

#include "engine/token_cache_info.h"
#include "lexical/index_reader.h"
#include "lexical/index_writer.h"
#include "text/analyzer.h"

namespace podium::engine {

// Version of the directory as a whole. An index of a newer version is refused.
constexpr int kIndexFormatVersion = 1;

// Opens the BM25 part of the index in `directory` for reading. NotFound for a missing directory,
// InvalidArgument for one that is no index, Unsupported for a newer format, DataCorruption for a
// damaged index.
Result<std::unique_ptr<const lexical::IndexReader>> OpenIndex(
    const std::filesystem::path& directory);

struct IndexInfo {
  int format_version = 0;
  lexical::IndexStats stats;
  text::AnalyzerSpec analyzer;
  std::vector<TokenCacheInfo> tokens;
  uint64_t bytes = 0;  // of all files
};
Result<IndexInfo> ReadIndexInfo(const std::filesystem::path& directory);

// The one writer of an index directory, new or old. Xapian's commit decides what is committed;
// podium.json follows it and is mended here if a kill came between the two. Not thread-safe.
class IndexSession {
 public:
  // Makes the directory (and its parents) where it is missing. InvalidArgument for a directory that
  // holds something else, ResourceExhausted while another process writes; else as OpenIndex.
  static Result<std::unique_ptr<IndexSession>> Open(const std::filesystem::path& directory,
                                                    const lexical::IndexOptions& options = {});
  ~IndexSession();
  IndexSession(const IndexSession&) = delete;
  IndexSession& operator=(const IndexSession&) = delete;

  lexical::IndexWriter& writer() { return *writer_; }
  const lexical::IndexWriter& writer() const { return *writer_; }
  const std::filesystem::path& directory() const { return directory_; }

  // writer().Commit() and podium.json after it.
  Status Commit();

 private:
  explicit IndexSession(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Status Lock();
  Status Prepare(const lexical::IndexOptions& options);
  Status WriteManifest() const;

  const std::filesystem::path directory_;
  int lock_ = -1;
  std::unique_ptr<lexical::IndexWriter> writer_;
};

}  // namespace podium::engine
