#include "io/compressed.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <zlib.h>
#include <zstd.h>

#include "base/format.h"
#include "io/file.h"

namespace podium::io {
namespace {

// What a pipe holds, and small beside an L2 cache.
constexpr size_t kInputBuffer = size_t{64} << 10;

// The bytes of the file as they are, with a look ahead.
class RawInput {
 public:
  RawInput(int fd, std::string name) : fd_(fd), name_(std::move(name)), buffer_(kInputBuffer) {}
  ~RawInput() {
    if (fd_ > STDERR_FILENO) {
      close(fd_);
    }
  }
  RawInput(const RawInput&) = delete;
  RawInput& operator=(const RawInput&) = delete;

  // What was read and not taken yet; reads more until there are `wanted` bytes or the end.
  // REQUIRES: wanted <= kInputBuffer
  Result<std::span<const char>> Peek(size_t wanted) {
    while (end_ - begin_ < wanted && !at_end_) {
      if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
      }
      PODIUM_ASSIGN_OR_RETURN(const size_t count, ReadSome(std::span(buffer_).subspan(end_)));
      end_ += count;
      at_end_ = count == 0;
    }
    return std::span<const char>(buffer_.data() + begin_, end_ - begin_);
  }

  void Take(size_t count) { begin_ += count; }

  Result<size_t> Read(std::span<char> out) {
    if (begin_ == end_) {
      return at_end_ ? Result<size_t>(size_t{0}) : ReadSome(out);
    }
    const size_t count = std::min(out.size(), end_ - begin_);
    std::memcpy(out.data(), buffer_.data() + begin_, count);
    begin_ += count;
    return count;
  }

  const std::string& name() const { return name_; }

 private:
  Result<size_t> ReadSome(std::span<char> out) {
    while (true) {
      const ssize_t count = read(fd_, out.data(), out.size());
      if (count >= 0) {
        return static_cast<size_t>(count);
      }
      if (errno != EINTR) {
        return ErrnoStatus(errno, Format("cannot read {}", name_));
      }
    }
  }

  const int fd_;
  const std::string name_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
};

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<RawInput> input) : input_(std::move(input)) {}
  Result<size_t> Read(std::span<char> buffer) override { return input_->Read(buffer); }

 private:
  std::unique_ptr<RawInput> input_;
};

class GzipSource : public ByteSource {
 public:
  static Result<std::unique_ptr<ByteSource>> Create(std::unique_ptr<RawInput> input) {
    auto source = std::unique_ptr<GzipSource>(new GzipSource(std::move(input)));
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&source->stream_, kGzipOnly) != Z_OK) {
      return ResourceExhausted(Format("{}: no memory to decompress", source->input_->name()));
    }
    source->initialised_ = true;
    return std::unique_ptr<ByteSource>(std::move(source));
  }
  ~GzipSource() override {
    if (initialised_) {
      inflateEnd(&stream_);
    }
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<size_t> Read(std::span<char> buffer) override {
    size_t produced = 0;
    while (produced == 0 && !buffer.empty()) {
      PODIUM_ASSIGN_OR_RETURN(const std::span<const char> input, input_->Peek(1));
      if (between_members_) {
        PODIUM_ASSIGN_OR_RETURN(const bool more, StartMember(input));
        if (!more) {
          return size_t{0};
        }
      }
      if (input.empty()) {
        return DataCorruption(Format("{}: the gzip stream ends early", input_->name()));
      }
      PODIUM_ASSIGN_OR_RETURN(produced, Inflate(input, buffer));
    }
    return produced;
  }

 private:
  explicit GzipSource(std::unique_ptr<RawInput> input) : input_(std::move(input)) {}

  // False at the end of the file. Zero bytes after a member are padding, as gzip(1) takes them.
  Result<bool> StartMember(std::span<const char> input) {
    if (input.empty()) {
      return false;
    }
    if (members_ > 0 && input.front() == 0) {
      while (!input.empty()) {
        if (std::any_of(input.begin(), input.end(), [](char c) { return c != 0; })) {
          return DataCorruption(Format("{}: garbage after the gzip stream", input_->name()));
        }
        input_->Take(input.size());
        PODIUM_ASSIGN_OR_RETURN(input, input_->Peek(1));
      }
      return false;
    }
    inflateReset(&stream_);
    between_members_ = false;
    ++members_;
    return true;
  }

  Result<size_t> Inflate(std::span<const char> input, std::span<char> buffer) {
    constexpr size_t kMost = size_t{1} << 30;  // zlib counts in 32 bits
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib's type lacks the const it keeps
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    const auto room = static_cast<uInt>(std::min(buffer.size(), kMost));
    stream_.avail_out = room;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return DataCorruption(Format("{}: damaged gzip stream{}{}", input_->name(),
                                   stream_.msg != nullptr ? ": " : "",
                                   stream_.msg != nullptr ? stream_.msg : ""));
    }
    input_->Take(input.size() - stream_.avail_in);
    between_members_ = code == Z_STREAM_END;
    return static_cast<size_t>(room - stream_.avail_out);
  }

  std::unique_ptr<RawInput> input_;
  z_stream stream_ = {};
  bool initialised_ = false;
  bool between_members_ = true;
  uint64_t members_ = 0;
};

struct ZstdDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdSource : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<RawInput> input)
      : input_(std::move(input)), context_(ZSTD_createDCtx()) {}

  Result<size_t> Read(std::span<char> buffer) override {
    if (context_ == nullptr) {
      return ResourceExhausted(Format("{}: no memory to decompress", input_->name()));
    }
    ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
    while (out.pos == 0 && !buffer.empty()) {
      PODIUM_ASSIGN_OR_RETURN(const std::span<const char> input, input_->Peek(1));
      if (input.empty() && between_frames_) {
        return size_t{0};
      }
      ZSTD_inBuffer in = {input.data(), input.size(), 0};
      const size_t code = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(code) != 0) {
        return DataCorruption(
            Format("{}: damaged zstd stream: {}", input_->name(), ZSTD_getErrorName(code)));
      }
      if (input.empty() && out.pos == 0) {
        return DataCorruption(Format("{}: the zstd stream ends early", input_->name()));
      }
      input_->Take(in.pos);
      between_frames_ = code == 0;
    }
    return out.pos;
  }

 private:
  std::unique_ptr<RawInput> input_;
  std::unique_ptr<ZSTD_DCtx, ZstdDeleter> context_;
  bool between_frames_ = true;
};

bool StartsWith(std::span<const char> bytes, std::string_view magic) {
  return std::string_view(bytes.data(), bytes.size()).starts_with(magic);
}

// A frame, or one of the 16 kinds of skippable frame (RFC 8878).
bool IsZstd(std::span<const char> bytes) {
  using namespace std::string_view_literals;
  return StartsWith(bytes, "\x28\xB5\x2F\xFD"sv) ||
         (bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0) == 0x50 &&
          StartsWith(bytes.subspan(1), "\x2A\x4D\x18"sv));
}

}  // namespace

Result<std::string> ReadMaybeCompressed(const std::string& path) {
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, OpenByteSource(path));
  std::string all;
  std::vector<char> buffer(size_t{1} << 18);
  while (true) {
    PODIUM_ASSIGN_OR_RETURN(const size_t count, source->Read(buffer));
    if (count == 0) {
      return all;
    }
    all.append(buffer.data(), count);
  }
}

std::string SourceName(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path) {
  int fd = STDIN_FILENO;
  if (path != "-") {
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      return ErrnoStatus(errno, Format("cannot open {}", path));
    }
  }
  auto input = std::make_unique<RawInput>(fd, SourceName(path));
  struct stat info = {};
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    return IoError(Format("cannot read {}: it is a directory", path));
  }
  constexpr size_t kMagicBytes = 4;
  PODIUM_ASSIGN_OR_RETURN(const std::span<const char> magic, input->Peek(kMagicBytes));
  if (StartsWith(magic, "\x1F\x8B")) {
    return GzipSource::Create(std::move(input));
  }
  if (IsZstd(magic)) {
    return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(input)));
  }
  return std::unique_ptr<ByteSource>(std::make_unique<PlainSource>(std::move(input)));
}

}  // namespace podium::io
