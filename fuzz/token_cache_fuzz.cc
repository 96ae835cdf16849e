// Any bytes given as a token cache are either refused or hold records that encode to what they were
// decoded from. An input is the length of the table (4 bytes, little-endian), the table, and the
// ids file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/fingerprint.h"
#include "engine/token_cache_format.h"

namespace {

namespace engine = podium::engine;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Gives the header a checksum that holds, so that what is behind it gets its share of the inputs.
void MendChecksum(std::string& table) {
  constexpr size_t kHeaderBytesOffset = 12;
  uint32_t header = 0;
  if (table.size() < kHeaderBytesOffset + sizeof(header)) {
    return;
  }
  std::memcpy(&header, table.data() + kHeaderBytesOffset, sizeof(header));
  if (header < sizeof(uint64_t) || header > table.size()) {
    return;
  }
  const size_t body = header - sizeof(uint64_t);
  const uint64_t checksum = podium::FingerprintOf(std::string_view(table).substr(0, body)).low;
  std::memcpy(table.data() + body, &checksum, sizeof(checksum));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint32_t table_size = 0;
  if (size < sizeof(table_size)) {
    return 0;
  }
  std::memcpy(&table_size, data, sizeof(table_size));
  const std::string_view rest(reinterpret_cast<const char*>(data) + sizeof(table_size),
                              size - sizeof(table_size));
  std::string table(rest.substr(0, table_size));
  const std::string_view ids = rest.substr(table.size());
  MendChecksum(table);
  const auto header = engine::DecodeTokenTableHeader(table, "input");
  if (!header.ok()) {
    Require(!header.status().message().empty());
    return 0;
  }
  Require(table.size() == header->bytes() + header->entries * engine::kTokenEntryBytes);
  if (!engine::CheckTokenIds(ids, *header, "input").ok()) {
    return 0;
  }
  const std::string_view counted = ids.substr(0, header->ids_bytes);
  for (size_t i = 0; i < header->entries; ++i) {
    const engine::TokenEntry entry = engine::LoadTokenEntry(table, header->bytes(), i);
    const engine::TokenRecordKey key = {header->tokenizer, entry.content,
                                        static_cast<uint32_t>(i + 1)};
    const auto record = engine::FindTokenRecord(counted, entry.offset, key, header->id_bytes);
    if (record.ok()) {
      std::string encoded;
      engine::AppendTokenRecord(key, engine::DecodeTokenRecord(*record, header->id_bytes),
                                header->id_bytes, encoded);
      Require(encoded == *record);
    } else {
      Require(record.status().code() == podium::StatusCode::kDataCorruption);
    }
  }
  return 0;
}
