#include "engine/index_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"

namespace podium::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifestName = "podium.json";
constexpr std::string_view kLockName = "lock";
constexpr std::string_view kLexicalName = "lexical";
constexpr std::string_view kFormatName = "podium index";

// The part of podium.json that decides whether the rest can be read.
struct Manifest {
  int version = 0;
  uint64_t generation = 0;
};

Result<Manifest> ReadManifest(const fs::path& directory) {
  const fs::path path = directory / kManifestName;
  PODIUM_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  const std::string where = path.string();
  const auto damaged = [](const Status& status) { return DataCorruption(status.message()); };
  const Result<io::Json> json = io::ParseJson(text, where);
  if (!json.ok()) {
    return damaged(json.status());
  }
  const Result<std::string> format = io::JsonGet<std::string>(*json, "format", where);
  if (!format.ok() || *format != kFormatName) {
    return InvalidArgument(Format("{}: not the description of a Podium index (\"format\": \"{}\")",
                                  where, kFormatName));
  }
  const Result<int32_t> version = io::JsonGet<int32_t>(*json, "version", where);
  if (!version.ok()) {
    return damaged(version.status());
  }
  if (*version > kIndexFormatVersion) {
    return Unsupported(Format("{}: index format version {}, this program reads up to version {}",
                              where, *version, kIndexFormatVersion));
  }
  const Result<uint64_t> generation = io::JsonGet<uint64_t>(*json, "generation", where);
  if (!generation.ok()) {
    return damaged(generation.status());
  }
  return Manifest{*version, *generation};
}

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The version file of the Xapian database, which it writes last.
bool HasLexical(const fs::path& directory) {
  return Exists(directory / kLexicalName / "iamglass");
}

Status MissingLexical(const fs::path& directory) {
  return DataCorruption(Format("{}: the index lost its part {}", directory.string(), kLexicalName));
}

// What a session that was killed before its first commit may leave behind.
bool IsLeftover(const std::string& name) {
  return name == kLockName || name.starts_with(std::string(kManifestName) + ".");
}

// OK if an index may be made here.
Status CheckEmpty(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!IsLeftover(name)) {
      return InvalidArgument(
          Format("{}: neither an index nor empty (it holds {}); give a new or an empty directory",
                 directory.string(), name));
    }
  }
  return error ? IoError(Format("cannot read {}: {}", directory.string(), error.message()))
               : Status::Ok();
}

void RemoveLeftovers(const fs::path& directory) {
  std::error_code ignored;
  for (fs::directory_iterator it(directory, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (IsLeftover(name) && name != kLockName) {
      std::error_code failed;
      fs::remove(it->path(), failed);
    }
  }
}

Status NothingYet(const fs::path& directory) {
  return NotFound(Format("{}: nothing was indexed here yet", directory.string()));
}

Result<Manifest> CheckIndex(const fs::path& directory) {
  if (!Exists(directory)) {
    return NotFound(Format("{}: there is no such index", directory.string()));
  }
  if (!Exists(directory / kManifestName)) {
    if (Exists(directory / kLockName) && CheckEmpty(directory).ok()) {
      return NothingYet(directory);
    }
    return InvalidArgument(
        Format("{}: not an index (it has no {})", directory.string(), kManifestName));
  }
  PODIUM_ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(directory));
  if (!HasLexical(directory)) {
    return manifest.generation > 0 ? MissingLexical(directory) : NothingYet(directory);
  }
  return manifest;
}

}  // namespace

Result<std::unique_ptr<const lexical::IndexReader>> OpenIndex(const fs::path& directory) {
  PODIUM_RETURN_IF_ERROR(CheckIndex(directory).status());
  return lexical::IndexReader::Open(directory / kLexicalName);
}

Result<IndexInfo> ReadIndexInfo(const fs::path& directory) {
  PODIUM_ASSIGN_OR_RETURN(const Manifest manifest, CheckIndex(directory));
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<const lexical::IndexReader> reader,
                          lexical::IndexReader::Open(directory / kLexicalName));
  IndexInfo info;
  info.format_version = manifest.version;
  info.stats = reader->stats();
  info.analyzer = reader->analyzer().spec();
  PODIUM_ASSIGN_OR_RETURN(info.tokens, ReadTokenCacheInfo(directory, *reader));
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code vanished;  // a writer may be replacing files
    const uint64_t size = it->is_regular_file(vanished) ? it->file_size(vanished) : 0;
    info.bytes += vanished ? 0 : size;
  }
  return info;
}

IndexSession::~IndexSession() {
  writer_.reset();  // before the lock goes
  if (lock_ >= 0) {
    close(lock_);
  }
}

Result<std::unique_ptr<IndexSession>> IndexSession::Open(const fs::path& directory,
                                                         const lexical::IndexOptions& options) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return io::ErrnoStatus(error.value(), Format("cannot make directory {}", directory.string()));
  }
  if (!Exists(directory / kManifestName)) {
    PODIUM_RETURN_IF_ERROR(CheckEmpty(directory));
  }
  std::unique_ptr<IndexSession> session(new IndexSession(directory));
  PODIUM_RETURN_IF_ERROR(session->Lock());
  PODIUM_RETURN_IF_ERROR(session->Prepare(options));
  return session;
}

// The kernel drops the lock with the process, however that ends.
Status IndexSession::Lock() {
  const std::string path = (directory_ / kLockName).string();
  constexpr mode_t kReadableByAll = 0644;
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kReadableByAll);
  if (lock_ < 0) {
    return io::ErrnoStatus(errno, Format("cannot open {}", path));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK
               ? ResourceExhausted(
                     Format("{}: another process is writing to this index", directory_.string()))
               : io::ErrnoStatus(errno, Format("cannot lock {}", path));
  }
  return Status::Ok();
}

Status IndexSession::Prepare(const lexical::IndexOptions& options) {
  // A bad language must not leave an empty index behind.
  if (options.analyzer) {
    PODIUM_RETURN_IF_ERROR(text::Analyzer::Create(*options.analyzer).status());
  }
  const bool fresh = !Exists(directory_ / kManifestName);
  Manifest manifest;
  if (!fresh) {
    PODIUM_ASSIGN_OR_RETURN(manifest, ReadManifest(directory_));
    if (manifest.generation > 0 && !HasLexical(directory_)) {
      return MissingLexical(directory_);
    }
  } else {
    // First, so that a directory with anything in it is always known to be an index.
    PODIUM_RETURN_IF_ERROR(WriteManifest());
  }
  RemoveLeftovers(directory_);
  PODIUM_ASSIGN_OR_RETURN(writer_, lexical::IndexWriter::Open(directory_ / kLexicalName, options));
  if (fresh || manifest.generation != writer_->generation()) {
    return WriteManifest();
  }
  return Status::Ok();
}

Status IndexSession::WriteManifest() const {
  io::Json json;
  json["format"] = kFormatName;
  json["version"] = kIndexFormatVersion;
  json["generation"] = writer_ != nullptr ? writer_->generation() : 0;
  json["documents"] = writer_ != nullptr ? writer_->documents() : 0;
  if (writer_ != nullptr) {
    const text::AnalyzerSpec& spec = writer_->analyzer().spec();
    PODIUM_ASSIGN_OR_RETURN(json["analyzer"], io::ParseJson(spec.ToJson(), kManifestName));
  }
  constexpr int kIndent = 2;
  return io::WriteFileAtomic(directory_ / kManifestName, io::DumpJson(json, kIndent) + "\n");
}

Status IndexSession::Commit() {
  PODIUM_RETURN_IF_ERROR(writer_->Commit());
  return WriteManifest();
}

}  // namespace podium::engine
