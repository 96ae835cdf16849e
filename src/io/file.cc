#include "io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/format.h"

namespace podium::io {
namespace {

constexpr size_t kWriteBuffer = size_t{1} << 20;

// Closes on scope exit.
struct FileDescriptor {
  int fd = -1;
  ~FileDescriptor() {
    if (fd >= 0) {
      close(fd);
    }
  }
};

Status SyncDirectory(const std::filesystem::path& directory) {
  const std::filesystem::path place = directory.empty() ? "." : directory;
  const FileDescriptor dir{open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (dir.fd < 0 || fsync(dir.fd) != 0) {
    return ErrnoStatus(errno, Format("cannot flush directory {}", place.string()));
  }
  return Status::Ok();
}

Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return ErrnoStatus(errno, Format("cannot write {}", path.string()));
    }
    bytes.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
  }
  return Status::Ok();
}

}  // namespace

Status ErrnoStatus(int error, std::string_view what) {
  std::string message = Format("{}: {}", what, std::generic_category().message(error));
  switch (error) {
    case ENOENT: return NotFound(std::move(message));
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ResourceExhausted(std::move(message));
    default: return IoError(std::move(message));
  }
}

Result<MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  const FileDescriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    return ErrnoStatus(errno, Format("cannot open {}", path.string()));
  }
  struct stat info = {};
  if (fstat(file.fd, &info) != 0) {
    return ErrnoStatus(errno, Format("cannot read {}", path.string()));
  }
  if (!S_ISREG(info.st_mode)) {
    return IoError(Format("cannot read {}: not a regular file", path.string()));
  }
  MappedFile mapped;
  if (info.st_size == 0) {
    return mapped;
  }
  const auto size = static_cast<size_t>(info.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) {
    return ErrnoStatus(errno, Format("cannot map {}", path.string()));
  }
  mapped.data_ = static_cast<const char*>(data);
  mapped.size_ = size;
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): munmap takes what mmap gave
    munmap(const_cast<char*>(data_), size_);
  }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<std::string> ReadFile(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  return std::string(file.bytes());
}

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

Result<AtomicFile> AtomicFile::Create(const std::filesystem::path& path) {
  std::string name = path.string() + ".XXXXXX";
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) {
    return ErrnoStatus(errno, Format("cannot create {}", path.string()));
  }
  constexpr mode_t kReadableByAll = 0644;
  fchmod(fd, kReadableByAll);
  return AtomicFile(path, name, fd);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      status_(std::move(other.status_)) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) {
    close(fd_);
    unlink(temporary_.c_str());
  }
}

Status AtomicFile::Append(std::string_view bytes) {
  PODIUM_RETURN_IF_ERROR(status_);
  buffer_.append(bytes);
  return buffer_.size() >= kWriteBuffer ? Flush() : Status::Ok();
}

Status AtomicFile::Flush() {
  status_ = WriteAll(fd_, buffer_, path_);
  buffer_.clear();
  return status_;
}

Status AtomicFile::Commit() {
  PODIUM_RETURN_IF_ERROR(status_);
  PODIUM_RETURN_IF_ERROR(Flush());
  if (fsync(fd_) != 0) {
    return status_ = ErrnoStatus(errno, Format("cannot flush {}", path_.string()));
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return status_ = ErrnoStatus(errno, Format("cannot replace {}", path_.string()));
  }
  close(std::exchange(fd_, -1));
  return SyncDirectory(path_.parent_path());
}

AppendFile::AppendFile(std::filesystem::path path, int fd, uint64_t size)
    : path_(std::move(path)), fd_(fd), size_(size) {}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      buffer_(std::move(other.buffer_)),
      status_(std::move(other.status_)) {}

AppendFile::~AppendFile() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Result<AppendFile> AppendFile::Open(const std::filesystem::path& path, uint64_t size) {
  constexpr mode_t kReadableByAll = 0644;
  const int fd =
      open(path.c_str(), O_WRONLY | O_CLOEXEC | (size == 0 ? O_CREAT : 0), kReadableByAll);
  if (fd < 0) {
    return ErrnoStatus(errno, Format("cannot open {}", path.string()));
  }
  AppendFile file(path, fd, size);
  const off_t end = lseek(fd, 0, SEEK_END);
  if (end < 0) {
    return ErrnoStatus(errno, Format("cannot read {}", path.string()));
  }
  if (static_cast<uint64_t>(end) < size) {
    return DataCorruption(Format("{}: {} bytes, expected at least {}", path.string(), end, size));
  }
  if (ftruncate(fd, static_cast<off_t>(size)) != 0 ||
      lseek(fd, static_cast<off_t>(size), SEEK_SET) < 0) {
    return ErrnoStatus(errno, Format("cannot cut {}", path.string()));
  }
  if (size == 0) {
    PODIUM_RETURN_IF_ERROR(SyncDirectory(path.parent_path()));
  }
  return file;
}

Status AppendFile::Append(std::string_view bytes) {
  PODIUM_RETURN_IF_ERROR(status_);
  buffer_.append(bytes);
  size_ += bytes.size();
  return buffer_.size() >= kWriteBuffer ? Flush() : Status::Ok();
}

Status AppendFile::Flush() {
  PODIUM_RETURN_IF_ERROR(status_);
  status_ = WriteAll(fd_, buffer_, path_);
  buffer_.clear();
  return status_;
}

Status AppendFile::Sync() {
  PODIUM_RETURN_IF_ERROR(Flush());
  if (fsync(fd_) != 0) {
    status_ = ErrnoStatus(errno, Format("cannot flush {}", path_.string()));
  }
  return status_;
}

Status WriteFileAtomic(const std::filesystem::path& path, std::string_view bytes) {
  PODIUM_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  PODIUM_RETURN_IF_ERROR(file.Append(bytes));
  return file.Commit();
}

}  // namespace podium::io
