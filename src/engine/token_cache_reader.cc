#include "engine/token_cache_reader.h"

#include <string>
#include <utility>

#include "base/format.h"

namespace podium::engine {
namespace {

// Between reading the table and opening the ids file that it names a writer may have put another of
// each in their place. A second time in a row takes a writer that commits in between again.
constexpr int kMaxAttempts = 10;

Status CheckName(const std::filesystem::path& directory, const TokenTableHeader& header) {
  const std::string expected = TokenCacheName(header.tokenizer);
  return directory.filename() == expected
             ? Status::Ok()
             : DataCorruption(Format("{}: the tokens are of another tokenizer, {}",
                                     directory.string(), expected));
}

}  // namespace

TokenCacheReader::TokenCacheReader(std::filesystem::path directory, io::MappedFile table,
                                   TokenTableHeader header, io::MappedFile ids)
    : directory_(std::move(directory)),
      table_(std::move(table)),
      header_(std::move(header)),
      ids_file_(std::move(ids)),
      ids_(ids_file_.bytes().substr(0, header_.ids_bytes)) {}

Result<std::unique_ptr<const TokenCacheReader>> TokenCacheReader::Open(
    const std::filesystem::path& directory) {
  const std::filesystem::path table_path = directory / kTokenTableName;
  for (int attempt = 1;; ++attempt) {
    PODIUM_ASSIGN_OR_RETURN(io::MappedFile table, io::MappedFile::Open(table_path));
    PODIUM_ASSIGN_OR_RETURN(TokenTableHeader header,
                            DecodeTokenTableHeader(table.bytes(), table_path.string()));
    PODIUM_RETURN_IF_ERROR(CheckName(directory, header));
    const std::filesystem::path ids_path = directory / TokenIdsName(header.ids_number);
    Result<io::MappedFile> ids = io::MappedFile::Open(ids_path);
    if (!ids.ok()) {
      if (ids.status().code() == StatusCode::kNotFound && attempt < kMaxAttempts) {
        continue;
      }
      return DataCorruption(ids.status().message());
    }
    PODIUM_RETURN_IF_ERROR(CheckTokenIds(ids->bytes(), header, ids_path.string()));
    return std::unique_ptr<const TokenCacheReader>(
        new TokenCacheReader(directory, std::move(table), std::move(header), *std::move(ids)));
  }
}

uint64_t TokenCacheReader::Entry(uint32_t docid, const Fingerprint& content) const {
  if (docid == 0 || docid > header_.entries) {
    return 0;
  }
  const TokenEntry entry = LoadTokenEntry(table_.bytes(), header_.bytes(), docid - 1);
  return entry.content == content ? entry.offset : 0;
}

Result<std::optional<std::vector<int32_t>>> TokenCacheReader::Find(
    uint32_t docid, const Fingerprint& content) const {
  const uint64_t offset = Entry(docid, content);
  if (offset == 0) {
    return std::optional<std::vector<int32_t>>();
  }
  const Result<std::string_view> record =
      FindTokenRecord(ids_, offset, {header_.tokenizer, content, docid}, header_.id_bytes);
  if (!record.ok()) {
    return record.status().WithContext(directory_.string());
  }
  return std::optional(DecodeTokenRecord(*record, header_.id_bytes));
}

}  // namespace podium::engine
