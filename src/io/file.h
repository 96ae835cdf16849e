// Whole files: mapped for reading, replaced atomically or grown for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "podium/status.h"

namespace podium::io {

// A file mapped read-only. The bytes stay valid while the object lives, also after a move. Safe to
// read from many threads. Another process that truncates the file while it is mapped breaks that
// promise, as with every mapping; Podium's own writers replace files and never take away bytes that
// they have committed.
class MappedFile {
 public:
  // NotFound if there is no such file; an empty file gives empty bytes. A directory is an error.
  static Result<MappedFile> Open(const std::filesystem::path& path);

  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// The whole file as a string.
Result<std::string> ReadFile(const std::filesystem::path& path);

// A file under construction: written to a temporary beside `path`, moved into place by Commit.
// Until then `path` holds what it held before; dropped without Commit, nothing is left behind.
class AtomicFile {
 public:
  static Result<AtomicFile> Create(const std::filesystem::path& path);

  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Buffered. After an error every further call returns it.
  Status Append(std::string_view bytes);

  // Flushes to the device (fsync), renames onto the path and flushes the directory.
  Status Commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd);
  Status Flush();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::string buffer_;
  Status status_;
};

// A file that grows at its end, for one writer. How many of its bytes count is written elsewhere,
// after Sync; what a kill left behind them is cut off at the next opening.
class AppendFile {
 public:
  // Opens the file, or makes it where `size` is 0, with its first `size` bytes. DataCorruption for
  // a file that is shorter.
  static Result<AppendFile> Open(const std::filesystem::path& path, uint64_t size);

  ~AppendFile();
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&&) = delete;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // Buffered. After an error every further call returns it.
  Status Append(std::string_view bytes);

  // What was appended is in the file, where a mapping sees it.
  Status Flush();

  // Flush, and the bytes are on the device.
  Status Sync();

  uint64_t size() const { return size_; }

 private:
  AppendFile(std::filesystem::path path, int fd, uint64_t size);

  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;  // buffered bytes included
  std::string buffer_;
  Status status_;
};

// AtomicFile in one call.
Status WriteFileAtomic(const std::filesystem::path& path, std::string_view bytes);

// "no such file or directory" and so on for an errno, as IoError, NotFound (ENOENT) or
// ResourceExhausted (disk or quota full), headed by what was tried: "cannot open x".
Status ErrnoStatus(int error, std::string_view what);

}  // namespace podium::io
