// TokenCacheWriter: puts token ids beside an index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/status.h"

#include "base/fingerprint.h"
#include "engine/token_cache_format.h"
#include "io/file.h"

namespace podium::engine {

// The writer of one tokenizer's cache. What is put shows to readers that open it, and survives a
// kill, from the next Commit on. One writer at a time: who holds the IndexSession of the index. Not
// thread-safe. After an error of a file every further Put and Commit returns it; what was committed
// stays.
class TokenCacheWriter {
 public:
  struct Spec {
    Fingerprint tokenizer;
    size_t vocab_size = 0;
    std::string model;  // for people
  };

  // Opens the cache of `spec` in the index directory, or makes one. One that is damaged past use is
  // started anew, and a warning logged. Unsupported for one of a newer version.
  static Result<std::unique_ptr<TokenCacheWriter>> Open(const std::filesystem::path& index,
                                                        const Spec& spec);

  TokenCacheWriter(const TokenCacheWriter&) = delete;
  TokenCacheWriter& operator=(const TokenCacheWriter&) = delete;

  // Whether the cache has the ids of this content for the document. What was committed is read to
  // see that it is not damaged.
  bool Holds(uint32_t docid, const Fingerprint& content) const;

  // REQUIRES: docid > 0; every id is from 0 to vocab_size - 1.
  Status Put(uint32_t docid, const Fingerprint& content, std::span<const int32_t> ids);

  // Forgets the documents from `first` up to and without `last`, and with UINT32_MAX all the rest.
  void Remove(uint32_t first, uint32_t last);

  // Makes everything since the last Commit permanent as one step. Nothing is written where nothing
  // changed.
  Status Commit();

  // Documents with ids, what is not committed included.
  size_t documents() const { return documents_; }
  // Of the ids put since the last Commit.
  uint64_t uncommitted_bytes() const;

 private:
  TokenCacheWriter(std::filesystem::path directory, const Spec& spec);

  Status Load();
  Status LoadCommitted();
  Status StartAnew();
  void RemoveLeftovers() const;
  Status WriteTable(const TokenTableHeader& header) const;
  Status MapIds();
  // The record that an entry points to, if it is among the mapped ones.
  Result<std::string_view> Record(uint32_t docid) const;
  void Drop(uint32_t docid);
  Status Compact();

  const std::filesystem::path directory_;
  TokenTableHeader header_;
  std::vector<TokenEntry> entries_;  // by docid - 1
  size_t documents_ = 0;
  io::MappedFile committed_;           // the ids file as of the last commit
  std::optional<io::AppendFile> ids_;  // set once Load is through
  std::string record_;                 // scratch
  bool changed_ = false;
};

}  // namespace podium::engine
