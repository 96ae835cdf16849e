// IndexBuilder: many documents into an index, analysed on several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "podium/document.h"
#include "podium/status.h"

#include "engine/index_directory.h"
#include "lexical/index_writer.h"

namespace podium::engine {

// What became of the documents of a session.
struct IndexCounts {
  uint64_t added = 0;
  uint64_t updated = 0;    // replaced one of the same id and other content
  uint64_t unchanged = 0;  // equal to the one of the same id
  uint64_t bytes = 0;      // of ids, titles, texts and fields of all of them

  uint64_t total() const { return added + updated + unchanged; }
};

struct IndexBuilderOptions {
  lexical::IndexOptions index;

  // Threads that work, 0: one per CPU. One of them writes, the others (at least one) analyse.
  size_t threads = 0;

  // The builder commits by itself after so many documents or bytes of them; a kill loses what came
  // since. A commit costs some milliseconds and a rewrite of the ends of posting lists, so that
  // many small commits make a bulk load slow. 0: no limit of this kind.
  uint64_t commit_documents = 0;
  uint64_t commit_bytes = uint64_t{256} << 20;

  // Called after each commit, from the writing thread.
  std::function<void(const IndexCounts& committed)> on_commit;
};

// Adds documents in the order given; of several with one id the last stays. To be called from one
// thread. After an error every further call returns it, and what was not committed is dropped.
class IndexBuilder {
 public:
  static Result<std::unique_ptr<IndexBuilder>> Open(const std::filesystem::path& directory,
                                                    const IndexBuilderOptions& options = {});

  // Drops what was not committed.
  ~IndexBuilder();
  IndexBuilder(const IndexBuilder&) = delete;
  IndexBuilder& operator=(const IndexBuilder&) = delete;

  // Takes the document on; waits while too many are on their way. An error may be that of an
  // earlier document.
  Status Add(Document document);

  // Waits for all documents added so far and commits.
  Status Commit();

  // Of what was written so far, committed or not.
  IndexCounts counts() const;

  // In the index, what is not committed included. To be called after Commit.
  uint64_t documents() const;

  // The lock on the index, for work on what was committed. To be called after Commit.
  const IndexSession& session() const;

 private:
  struct Impl;
  explicit IndexBuilder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace podium::engine
