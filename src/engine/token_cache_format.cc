#include "engine/token_cache_format.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"

namespace podium::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "tables and ids are mapped as they are");

constexpr std::string_view kTableMagic = "PODTOKEN";

// The table's head: magic, then these numbers, the model's name with zeros up to a multiple of 8,
// and the low half of the fingerprint of all that.
struct FixedHeader {
  uint32_t version = kTokenCacheVersion;
  uint32_t header_bytes = 0;
  uint64_t tokenizer_low = 0;
  uint64_t tokenizer_high = 0;
  uint32_t id_bytes = 0;
  uint32_t ids_number = 0;
  uint64_t ids_bytes = 0;
  uint64_t dead_bytes = 0;
  uint32_t entries = 0;
  uint32_t model_bytes = 0;
};
static_assert(sizeof(FixedHeader) == 56, "written as it lies in memory");

constexpr size_t kAlign = 8;
constexpr size_t kChecksumBytes = sizeof(uint64_t);
constexpr size_t kModelOffset = kTableMagic.size() + sizeof(FixedHeader);
// A path; longer ones are cut.
constexpr size_t kMaxModelBytes = 4096;

// A record: how many ids, a checksum, the ids.
struct RecordHead {
  uint32_t count = 0;
  uint32_t checksum = 0;
};
static_assert(sizeof(RecordHead) == 8, "written as it lies in memory");

size_t RoundUp(size_t bytes) {
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

template <typename T>
void AppendRaw(const T& value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T LoadRaw(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

uint32_t RecordChecksum(const TokenRecordKey& key, std::string_view ids) {
  FingerprintHasher hasher;
  hasher.AddNumber(key.tokenizer.low).AddNumber(key.tokenizer.high);
  hasher.AddNumber(key.content.low).AddNumber(key.content.high);
  hasher.AddNumber(key.docid).Add(ids);
  return static_cast<uint32_t>(hasher.Finish().low);
}

// Whether the last eight bytes vouch for the others.
bool ChecksumHolds(std::string_view header) {
  const std::string_view body = header.substr(0, header.size() - kChecksumBytes);
  return FingerprintOf(body).low == LoadRaw<uint64_t>(header.data() + body.size());
}

template <typename Stored>
void Widen(const char* bytes, std::vector<int32_t>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int32_t>(LoadRaw<Stored>(bytes + i * sizeof(Stored)));
  }
}

void WidenThreeBytes(const char* bytes, std::vector<int32_t>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    uint32_t id = 0;
    std::memcpy(&id, bytes + 3 * i, 3);
    ids[i] = static_cast<int32_t>(id);
  }
}

}  // namespace

std::string TokenCacheName(const Fingerprint& tokenizer) {
  return std::string(kTokenCachePrefix) + tokenizer.ToHex();
}

std::string TokenIdsName(uint32_t number) {
  return Format("ids-{}", number);
}

uint32_t TokenIdBytes(size_t vocab_size) {
  constexpr size_t kTwoBytes = size_t{1} << 16;
  constexpr size_t kThreeBytes = size_t{1} << 24;
  return vocab_size <= kTwoBytes ? 2 : vocab_size <= kThreeBytes ? 3 : 4;
}

size_t TokenTableHeader::bytes() const {
  return kModelOffset + RoundUp(std::min(model.size(), kMaxModelBytes)) + kChecksumBytes;
}

std::string EncodeTokenTableHeader(const TokenTableHeader& header) {
  const std::string_view model = std::string_view(header.model).substr(0, kMaxModelBytes);
  std::string out(kTableMagic);
  AppendRaw(FixedHeader{.header_bytes = static_cast<uint32_t>(header.bytes()),
                        .tokenizer_low = header.tokenizer.low,
                        .tokenizer_high = header.tokenizer.high,
                        .id_bytes = header.id_bytes,
                        .ids_number = header.ids_number,
                        .ids_bytes = header.ids_bytes,
                        .dead_bytes = header.dead_bytes,
                        .entries = header.entries,
                        .model_bytes = static_cast<uint32_t>(model.size())},
            out);
  out += model;
  out.resize(header.bytes() - kChecksumBytes, '\0');
  AppendRaw(FingerprintOf(out).low, out);
  return out;
}

Result<TokenTableHeader> DecodeTokenTableHeader(std::string_view table, std::string_view where) {
  if (table.size() < kModelOffset + kChecksumBytes) {
    return DataCorruption(Format("{}: {} bytes, expected at least {}", where, table.size(),
                                 kModelOffset + kChecksumBytes));
  }
  if (!table.starts_with(kTableMagic)) {
    return DataCorruption(Format("{}: does not start with \"{}\"", where, kTableMagic));
  }
  const auto fixed = LoadRaw<FixedHeader>(table.data() + kTableMagic.size());
  if (fixed.version > kTokenCacheVersion) {
    return Unsupported(Format("{}: token cache version {}, this program reads up to version {}",
                              where, fixed.version, kTokenCacheVersion));
  }
  const size_t model_bytes = std::min<size_t>(fixed.model_bytes, kMaxModelBytes);
  if (fixed.header_bytes != kModelOffset + RoundUp(model_bytes) + kChecksumBytes ||
      fixed.header_bytes > table.size() || !ChecksumHolds(table.substr(0, fixed.header_bytes))) {
    return DataCorruption(Format("{}: the header's checksum does not hold", where));
  }
  const uint64_t expected =
      fixed.header_bytes + uint64_t{fixed.entries} * uint64_t{kTokenEntryBytes};
  if (table.size() != expected) {
    return DataCorruption(Format("{}: {} bytes, expected {}", where, table.size(), expected));
  }
  TokenTableHeader header;
  header.tokenizer = {fixed.tokenizer_low, fixed.tokenizer_high};
  header.model = table.substr(kModelOffset, model_bytes);
  header.id_bytes = fixed.id_bytes;
  header.ids_number = fixed.ids_number;
  header.ids_bytes = fixed.ids_bytes;
  header.dead_bytes = fixed.dead_bytes;
  header.entries = fixed.entries;
  if (header.id_bytes < 2 || header.id_bytes > 4 || header.ids_bytes < kTokenIdsMagic.size()) {
    return DataCorruption(
        Format("{}: ids of {} bytes in a file of {}", where, header.id_bytes, header.ids_bytes));
  }
  return header;
}

void AppendTokenEntry(const TokenEntry& entry, std::string& out) {
  AppendRaw(entry.content.low, out);
  AppendRaw(entry.content.high, out);
  AppendRaw(entry.offset, out);
}

TokenEntry LoadTokenEntry(std::string_view table, size_t header_bytes, size_t index) {
  const char* const bytes = table.data() + header_bytes + index * kTokenEntryBytes;
  TokenEntry entry;
  entry.content = Fingerprint::FromBytes({bytes, Fingerprint::kBytes});
  entry.offset = LoadRaw<uint64_t>(bytes + Fingerprint::kBytes);
  return entry;
}

Status CheckTokenIds(std::string_view file, const TokenTableHeader& header,
                     std::string_view where) {
  if (file.size() < header.ids_bytes) {
    return DataCorruption(
        Format("{}: {} bytes, expected at least {}", where, file.size(), header.ids_bytes));
  }
  return file.starts_with(kTokenIdsMagic)
             ? Status::Ok()
             : DataCorruption(Format("{}: not a file of token ids", where));
}

size_t TokenRecordBytes(size_t ids, uint32_t id_bytes) {
  return sizeof(RecordHead) + ids * id_bytes;
}

void AppendTokenRecord(const TokenRecordKey& key, std::span<const int32_t> ids, uint32_t id_bytes,
                       std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + TokenRecordBytes(ids.size(), id_bytes));
  char* const stored = out.data() + begin + sizeof(RecordHead);
  for (size_t i = 0; i < ids.size(); ++i) {
    std::memcpy(stored + i * id_bytes, &ids[i], id_bytes);
  }
  const RecordHead head = {static_cast<uint32_t>(ids.size()),
                           RecordChecksum(key, {stored, ids.size() * id_bytes})};
  std::memcpy(out.data() + begin, &head, sizeof(head));
}

Result<std::string_view> FindTokenRecord(std::string_view file, uint64_t offset,
                                         const TokenRecordKey& key, uint32_t id_bytes) {
  const auto damaged = [&](std::string_view why) {
    return DataCorruption(
        Format("the tokens of document {} at byte {} {}", key.docid, offset, why));
  };
  if (offset < kTokenIdsMagic.size() || offset > file.size() ||
      file.size() - offset < sizeof(RecordHead)) {
    return damaged(Format("are not within the {} bytes of the file", file.size()));
  }
  const auto head = LoadRaw<RecordHead>(file.data() + offset);
  if ((file.size() - offset - sizeof(RecordHead)) / id_bytes < head.count) {
    return damaged(Format("claim to be {}, more than the file holds", head.count));
  }
  const std::string_view record = file.substr(offset, TokenRecordBytes(head.count, id_bytes));
  if (RecordChecksum(key, record.substr(sizeof(RecordHead))) != head.checksum) {
    return damaged("do not have the checksum that stands before them");
  }
  return record;
}

std::vector<int32_t> DecodeTokenRecord(std::string_view record, uint32_t id_bytes) {
  const std::string_view stored = record.substr(sizeof(RecordHead));
  std::vector<int32_t> ids(stored.size() / id_bytes);
  switch (id_bytes) {
    case 2: Widen<uint16_t>(stored.data(), ids); break;
    case 3: WidenThreeBytes(stored.data(), ids); break;
    default: Widen<int32_t>(stored.data(), ids); break;
  }
  return ids;
}

}  // namespace podium::engine
