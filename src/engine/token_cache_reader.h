// TokenCacheReader: the token ids of an index's documents, made when it was indexed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "base/fingerprint.h"
#include "engine/token_cache_format.h"
#include "io/file.h"

namespace podium::engine {

// The cache of one tokenizer as it was when it was opened, whatever a writer does meanwhile. It
// need not fit the generation of the index that is read beside it: ids are found only for a
// document whose content is the one that they were made of. Files are mapped; opening reads the
// first page. Thread-safe.
class TokenCacheReader {
 public:
  // `directory` is the cache's own, "tokens-…" in an index. NotFound: no cache, or none yet.
  // Unsupported, DataCorruption: as DecodeTokenTableHeader, and for a directory of another name
  // than its tokenizer's.
  static Result<std::unique_ptr<const TokenCacheReader>> Open(
      const std::filesystem::path& directory);

  // The ids that the tokenizer gives for PassageText of the document `docid`, if `content` is its
  // fingerprint; nullopt if the cache has none of that content. DataCorruption if its record is
  // damaged.
  Result<std::optional<std::vector<int32_t>>> Find(uint32_t docid,
                                                   const Fingerprint& content) const;

  // Whether Find has something to read; whether that is intact only Find says.
  bool Has(uint32_t docid, const Fingerprint& content) const { return Entry(docid, content) != 0; }

  const TokenTableHeader& header() const { return header_; }
  // Of its two files.
  uint64_t bytes() const { return table_.bytes().size() + header_.ids_bytes; }

 private:
  TokenCacheReader(std::filesystem::path directory, io::MappedFile table, TokenTableHeader header,
                   io::MappedFile ids);

  // The offset of the document's record; 0 if there is none of this content.
  uint64_t Entry(uint32_t docid, const Fingerprint& content) const;

  const std::filesystem::path directory_;
  const io::MappedFile table_;
  const TokenTableHeader header_;
  const io::MappedFile ids_file_;
  const std::string_view ids_;  // the bytes that count
};

}  // namespace podium::engine
