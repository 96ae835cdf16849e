// How the token ids of documents lie in an index (docs/formats/tokens.md): names, the table, the
// records. Bytes in, values out; files are the work of TokenCacheWriter and TokenCacheReader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "base/fingerprint.h"

namespace podium::engine {

// Version of everything below. A newer one is refused.
constexpr uint32_t kTokenCacheVersion = 1;

constexpr std::string_view kTokenCachePrefix = "tokens-";
constexpr std::string_view kTokenTableName = "table";

// "tokens-" and 32 hexadecimal digits: the directory of a tokenizer's cache inside an index.
std::string TokenCacheName(const Fingerprint& tokenizer);
// "ids-7".
std::string TokenIdsName(uint32_t number);

// The head of the table.
struct TokenTableHeader {
  Fingerprint tokenizer;    // text::Tokenizer::fingerprint() of who made the ids
  std::string model;        // the model's name when the cache was made, for people
  uint32_t id_bytes = 2;    // of one id: 2, 3 or 4
  uint32_t ids_number = 1;  // of the file with the records
  uint64_t ids_bytes = 0;   // of that file that count; what lies past them is no part of it
  uint64_t dead_bytes = 0;  // of those, about how many no entry points to any more
  uint32_t entries = 0;     // entry i is that of docid i + 1

  // Bytes before the first entry.
  size_t bytes() const;
};

// Enough bytes for every id of a tokenizer.
uint32_t TokenIdBytes(size_t vocab_size);

std::string EncodeTokenTableHeader(const TokenTableHeader& header);

// From the bytes of a whole table; `where` heads errors. Unsupported: a newer version.
// DataCorruption: anything else that is wrong.
Result<TokenTableHeader> DecodeTokenTableHeader(std::string_view table, std::string_view where);

// What the table holds of one document.
struct TokenEntry {
  Fingerprint content;  // lexical::StoredDocument::content of the document that the ids are of
  uint64_t offset = 0;  // of the record in the ids file; 0: there is none
};
constexpr size_t kTokenEntryBytes = 24;

void AppendTokenEntry(const TokenEntry& entry, std::string& out);
// REQUIRES: table.size() >= header_bytes + (index + 1) * kTokenEntryBytes.
TokenEntry LoadTokenEntry(std::string_view table, size_t header_bytes, size_t index);

// The first bytes of an ids file; records follow.
constexpr std::string_view kTokenIdsMagic = "PODIDS\n1";

// DataCorruption unless `file` is an ids file with all the bytes that the header counts.
Status CheckTokenIds(std::string_view file, const TokenTableHeader& header, std::string_view where);

// Whose ids a record holds. All of it goes into the record's checksum, so that a record read in the
// wrong place, or for a document that has changed, is none.
struct TokenRecordKey {
  Fingerprint tokenizer;
  Fingerprint content;
  uint32_t docid = 0;
};

size_t TokenRecordBytes(size_t ids, uint32_t id_bytes);

// REQUIRES: every id is at least 0 and fits into id_bytes.
void AppendTokenRecord(const TokenRecordKey& key, std::span<const int32_t> ids, uint32_t id_bytes,
                       std::string& out);

// The record at `offset` as stored, from the bytes of the ids file that count. DataCorruption if
// there is no intact record of `key`.
Result<std::string_view> FindTokenRecord(std::string_view file, uint64_t offset,
                                         const TokenRecordKey& key, uint32_t id_bytes);

// The ids of a record that FindTokenRecord gave.
std::vector<int32_t> DecodeTokenRecord(std::string_view record, uint32_t id_bytes);

}  // namespace podium::engine
