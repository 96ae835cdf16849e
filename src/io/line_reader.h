// Lines of a file of any size, compressed or not, with their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/compressed.h"

namespace podium::io {

// Longest line or record that readers take. One document with all its fields is on a line; a file
// without line ends (a wrong file) must not fill the memory.
constexpr size_t kMaxLineBytes = size_t{64} << 20;

// Reads lines front to back. A line ends with "\n" or "\r\n", neither part of it; the last one may
// lack it. A byte order mark before the first line is dropped. Not thread-safe.
class LineReader {
 public:
  // `path` as OpenByteSource takes it.
  static Result<std::unique_ptr<LineReader>> Open(const std::string& path,
                                                  size_t max_line_bytes = kMaxLineBytes);
  LineReader(std::unique_ptr<ByteSource> source, std::string name,
             size_t max_line_bytes = kMaxLineBytes);

  // The next line, valid until the next call; nullopt at the end. An over-long line is
  // InvalidArgument naming it.
  Result<std::optional<std::string_view>> Next();

  // The next line with its end ("\n", "\r\n" or none at the end of the file), for formats in which
  // line ends can be content.
  Result<std::optional<std::string_view>> NextWithEnd();

  // The first byte that is neither white space nor of a byte order mark, looking at no more than
  // the first 64 KiB; nullopt if there is none. REQUIRES: no line was read yet.
  Result<std::optional<char>> PeekContent();

  // The number of the last line, from 1.
  uint64_t line() const { return line_; }

  // "corpus.jsonl:17"
  std::string Place() const;

  const std::string& name() const { return name_; }

 private:
  Status Fill();

  std::unique_ptr<ByteSource> source_;
  const std::string name_;
  const size_t max_line_bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0;    // of the line being looked for
  size_t scanned_ = 0;  // no line end before here
  size_t end_ = 0;      // of the bytes read
  bool at_end_ = false;
  uint64_t line_ = 0;
};

}  // namespace podium::io
