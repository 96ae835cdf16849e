#include "io/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/format.h"

namespace podium::io {
namespace {

constexpr size_t kInitialBuffer = size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<std::unique_ptr<LineReader>> LineReader::Open(const std::string& path,
                                                     size_t max_line_bytes) {
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenByteSource(path));
  return std::make_unique<LineReader>(std::move(source), SourceName(path), max_line_bytes);
}

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::string name, size_t max_line_bytes)
    : source_(std::move(source)),
      name_(std::move(name)),
      max_line_bytes_(max_line_bytes),
      buffer_(std::min(kInitialBuffer, max_line_bytes + 2)) {}

std::string LineReader::Place() const {
  return Format("{}:{}", name_, line_);
}

// Reads more bytes behind those of the unfinished line, which move to the front.
Status LineReader::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= std::exchange(begin_, 0);
  }
  if (end_ == buffer_.size()) {
    constexpr size_t kLineEnd = 2;
    if (buffer_.size() >= max_line_bytes_ + kLineEnd) {
      return InvalidArgument(
          Format("{}:{}: the line is longer than {} bytes", name_, line_ + 1, max_line_bytes_));
    }
    buffer_.resize(std::min(buffer_.size() * 2, max_line_bytes_ + kLineEnd));
  }
  PODIUM_ASSIGN_OR_RETURN(const size_t count, source_->Read(std::span(buffer_).subspan(end_)));
  end_ += count;
  at_end_ = count == 0;
  return Status::Ok();
}

Result<std::optional<char>> LineReader::PeekContent() {
  constexpr size_t kLookAhead = size_t{64} << 10;
  while (end_ < std::min(kLookAhead, buffer_.size()) && !at_end_) {
    PODIUM_RETURN_IF_ERROR(Fill());
  }
  std::string_view bytes(buffer_.data(), end_);
  if (bytes.starts_with(kByteOrderMark)) {
    bytes.remove_prefix(kByteOrderMark.size());
  }
  const size_t at = bytes.substr(0, kLookAhead).find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? std::optional<char>() : std::optional<char>(bytes[at]);
}

Result<std::optional<std::string_view>> LineReader::NextWithEnd() {
  while (true) {
    const char* const data = buffer_.data();
    const void* const found =
        end_ > scanned_ ? std::memchr(data + scanned_, '\n', end_ - scanned_) : nullptr;
    size_t after = end_;
    if (found != nullptr) {
      after = static_cast<size_t>(static_cast<const char*>(found) - data) + 1;
    } else if (!at_end_) {
      scanned_ = end_;
      PODIUM_RETURN_IF_ERROR(Fill());
      continue;
    } else if (begin_ == end_) {
      return std::optional<std::string_view>();
    }
    std::string_view line(data + begin_, after - begin_);
    begin_ = scanned_ = after;
    if (++line_ == 1 && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
      if (line.empty()) {
        return std::optional<std::string_view>();
      }
    }
    return std::optional<std::string_view>(line);
  }
}

Result<std::optional<std::string_view>> LineReader::Next() {
  PODIUM_ASSIGN_OR_RETURN(std::optional<std::string_view> line, NextWithEnd());
  if (line && line->ends_with('\n')) {
    line->remove_suffix(1);
  }
  if (line && line->ends_with('\r')) {
    line->remove_suffix(1);
  }
  return line;
}

}  // namespace podium::io
