#include "engine/token_cache_writer.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/format.h"
#include "base/log.h"

namespace podium::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIdsPrefix = "ids-";

// The number in "ids-7"; 0 for any other name.
uint32_t IdsNumber(const std::string& name) {
  if (!name.starts_with(kIdsPrefix)) {
    return 0;
  }
  uint32_t number = 0;
  const char* const begin = name.data() + kIdsPrefix.size();
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  return error == std::errc() && rest == end ? number : 0;
}

// Names of the files in a directory; none where it cannot be read.
std::vector<std::string> ListNames(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (fs::directory_iterator it(directory, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    names.push_back(it->path().filename().string());
  }
  return names;
}

}  // namespace

TokenCacheWriter::TokenCacheWriter(fs::path directory, const Spec& spec)
    : directory_(std::move(directory)) {
  header_.tokenizer = spec.tokenizer;
  header_.model = spec.model;
  header_.id_bytes = TokenIdBytes(spec.vocab_size);
}

Result<std::unique_ptr<TokenCacheWriter>> TokenCacheWriter::Open(const fs::path& index,
                                                                 const Spec& spec) {
  const fs::path directory = index / TokenCacheName(spec.tokenizer);
  std::error_code error;
  fs::create_directory(directory, error);
  if (error) {
    return io::ErrnoStatus(error.value(), Format("cannot make directory {}", directory.string()));
  }
  std::unique_ptr<TokenCacheWriter> writer(new TokenCacheWriter(directory, spec));
  PODIUM_RETURN_IF_ERROR(writer->Load());
  return writer;
}

Status TokenCacheWriter::Load() {
  const Status loaded = LoadCommitted();
  if (loaded.code() == StatusCode::kDataCorruption) {
    Log(LogLevel::kWarning, "{}; all tokens are made again", loaded.message());
  } else if (loaded.code() != StatusCode::kNotFound) {
    PODIUM_RETURN_IF_ERROR(loaded);
  }
  if (!loaded.ok()) {
    PODIUM_RETURN_IF_ERROR(StartAnew());
  }
  RemoveLeftovers();
  return Status::Ok();
}

Status TokenCacheWriter::LoadCommitted() {
  const fs::path table_path = directory_ / kTokenTableName;
  PODIUM_ASSIGN_OR_RETURN(const io::MappedFile table, io::MappedFile::Open(table_path));
  PODIUM_ASSIGN_OR_RETURN(const TokenTableHeader header,
                          DecodeTokenTableHeader(table.bytes(), table_path.string()));
  if (header.tokenizer != header_.tokenizer || header.id_bytes != header_.id_bytes) {
    return DataCorruption(Format("{}: of another tokenizer, {}, with ids of {} bytes",
                                 table_path.string(), header.tokenizer.ToHex(), header.id_bytes));
  }
  const fs::path ids_path = directory_ / TokenIdsName(header.ids_number);
  Result<io::AppendFile> ids = io::AppendFile::Open(ids_path, header.ids_bytes);
  if (!ids.ok()) {
    return ids.status().code() == StatusCode::kNotFound ? DataCorruption(ids.status().message())
                                                        : ids.status();
  }
  PODIUM_ASSIGN_OR_RETURN(committed_, io::MappedFile::Open(ids_path));
  PODIUM_RETURN_IF_ERROR(CheckTokenIds(committed_.bytes(), header, ids_path.string()));
  entries_.reserve(header.entries);
  for (size_t i = 0; i < header.entries; ++i) {
    const TokenEntry entry = LoadTokenEntry(table.bytes(), header.bytes(), i);
    // One past the end is damaged, and must not pass for one that this writer put.
    const bool there = entry.offset != 0 && entry.offset < header.ids_bytes;
    entries_.push_back(there ? entry : TokenEntry{});
    documents_ += there ? 1 : 0;
  }
  header_ = header;
  ids_.emplace(*std::move(ids));
  return Status::Ok();
}

// An ids file of a number that none in the directory has, and with it what a reader may have
// mapped.
Status TokenCacheWriter::StartAnew() {
  uint32_t last = 0;
  for (const std::string& name : ListNames(directory_)) {
    last = std::max(last, IdsNumber(name));
  }
  header_.ids_number = last + 1;
  header_.dead_bytes = 0;
  entries_.clear();
  documents_ = 0;
  committed_ = {};
  PODIUM_ASSIGN_OR_RETURN(
      io::AppendFile ids,
      io::AppendFile::Open(directory_ / TokenIdsName(header_.ids_number), /*size=*/0));
  ids_.emplace(std::move(ids));
  changed_ = true;
  return ids_->Append(kTokenIdsMagic);
}

void TokenCacheWriter::RemoveLeftovers() const {
  const std::string temporary = std::string(kTokenTableName) + ".";
  const std::string current = TokenIdsName(header_.ids_number);
  for (const std::string& name : ListNames(directory_)) {
    if (name.starts_with(temporary) || (IdsNumber(name) != 0 && name != current)) {
      std::error_code ignored;
      fs::remove(directory_ / name, ignored);
    }
  }
}

Result<std::string_view> TokenCacheWriter::Record(uint32_t docid) const {
  const TokenEntry& entry = entries_[docid - 1];
  return FindTokenRecord(committed_.bytes(), entry.offset,
                         {header_.tokenizer, entry.content, docid}, header_.id_bytes);
}

bool TokenCacheWriter::Holds(uint32_t docid, const Fingerprint& content) const {
  if (docid == 0 || docid > entries_.size()) {
    return false;
  }
  const TokenEntry& entry = entries_[docid - 1];
  return entry.offset != 0 && entry.content == content &&
         (entry.offset >= committed_.bytes().size() || Record(docid).ok());
}

void TokenCacheWriter::Drop(uint32_t docid) {
  TokenEntry& entry = entries_[docid - 1];
  if (entry.offset == 0) {
    return;
  }
  const Result<std::string_view> record = Record(docid);
  header_.dead_bytes += record.ok() ? record->size() : 0;
  entry = {};
  --documents_;
  changed_ = true;
}

Status TokenCacheWriter::Put(uint32_t docid, const Fingerprint& content,
                             std::span<const int32_t> ids) {
  if (docid > entries_.size()) {
    entries_.resize(docid);
  }
  Drop(docid);
  const uint64_t offset = ids_->size();
  record_.clear();
  AppendTokenRecord({header_.tokenizer, content, docid}, ids, header_.id_bytes, record_);
  PODIUM_RETURN_IF_ERROR(ids_->Append(record_));
  entries_[docid - 1] = {content, offset};
  ++documents_;
  changed_ = true;
  return Status::Ok();
}

void TokenCacheWriter::Remove(uint32_t first, uint32_t last) {
  const auto end = static_cast<uint32_t>(std::min<size_t>(last, entries_.size() + 1));
  for (uint32_t docid = std::max(first, 1U); docid < end; ++docid) {
    Drop(docid);
  }
  if (last > entries_.size() && first <= entries_.size()) {
    entries_.resize(std::max(first, 1U) - 1);
    changed_ = true;
  }
}

uint64_t TokenCacheWriter::uncommitted_bytes() const {
  return ids_->size() - header_.ids_bytes;
}

Status TokenCacheWriter::Commit() {
  if (!changed_) {
    return Status::Ok();
  }
  // So the file is at most about twice as long as it need be.
  if (header_.dead_bytes > ids_->size() / 2) {
    PODIUM_RETURN_IF_ERROR(Compact());
  }
  PODIUM_RETURN_IF_ERROR(ids_->Sync());
  TokenTableHeader next = header_;
  next.ids_bytes = ids_->size();
  next.entries = static_cast<uint32_t>(entries_.size());
  PODIUM_RETURN_IF_ERROR(WriteTable(next));
  header_ = next;
  changed_ = false;
  RemoveLeftovers();  // the file before Compact
  return MapIds();
}

Status TokenCacheWriter::MapIds() {
  PODIUM_ASSIGN_OR_RETURN(committed_,
                          io::MappedFile::Open(directory_ / TokenIdsName(header_.ids_number)));
  return Status::Ok();
}

Status TokenCacheWriter::WriteTable(const TokenTableHeader& header) const {
  PODIUM_ASSIGN_OR_RETURN(io::AtomicFile table,
                          io::AtomicFile::Create(directory_ / kTokenTableName));
  PODIUM_RETURN_IF_ERROR(table.Append(EncodeTokenTableHeader(header)));
  std::string bytes;
  for (const TokenEntry& entry : entries_) {
    bytes.clear();
    AppendTokenEntry(entry, bytes);
    PODIUM_RETURN_IF_ERROR(table.Append(bytes));
  }
  return table.Commit();
}

// Copies what entries point to into a new ids file, in order of docid.
Status TokenCacheWriter::Compact() {
  PODIUM_RETURN_IF_ERROR(ids_->Flush());
  PODIUM_RETURN_IF_ERROR(MapIds());
  PODIUM_ASSIGN_OR_RETURN(
      io::AppendFile ids,
      io::AppendFile::Open(directory_ / TokenIdsName(header_.ids_number + 1), /*size=*/0));
  PODIUM_RETURN_IF_ERROR(ids.Append(kTokenIdsMagic));
  std::vector<TokenEntry> moved(entries_.size());
  size_t documents = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].offset == 0) {
      continue;
    }
    const Result<std::string_view> record = Record(static_cast<uint32_t>(i + 1));
    if (record.ok()) {  // a damaged one is made again by the next update
      moved[i] = {entries_[i].content, ids.size()};
      ++documents;
      PODIUM_RETURN_IF_ERROR(ids.Append(*record));
    }
  }
  ids_.emplace(std::move(ids));
  entries_ = std::move(moved);
  documents_ = documents;
  ++header_.ids_number;
  header_.dead_bytes = 0;
  return Status::Ok();
}

}  // namespace podium::engine
