// A file or standard input as one stream of bytes, decompressed on the way.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "podium/status.h"

namespace podium::io {

// Bytes read front to back. Not thread-safe. After an error the stream is at an unknown place.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills the front of `buffer` and returns how many bytes; 0 only at the end (or for no buffer).
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

// Opens `path` ("-" is standard input) and undoes gzip (any number of members) or Zstandard (any
// number of frames), told by the first bytes, never by the name. Read gives DataCorruption, headed
// by the path, for a stream that is damaged or ends early.
Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path);

// All bytes of such a stream, in memory.
Result<std::string> ReadMaybeCompressed(const std::string& path);

// "standard input" for "-", else the path.
std::string SourceName(const std::string& path);

}  // namespace podium::io
