#include "io/block_compression.h"

#include <memory>

#include <zstd.h>

#include "base/format.h"

namespace podium::io {
namespace {

// Passages are short: higher levels save a few percent of the bytes for many times the time.
constexpr int kLevel = 1;

struct ContextDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

std::string CompressBlock(std::string_view bytes) {
  // Making a context costs more than compressing a passage.
  thread_local const std::unique_ptr<ZSTD_CCtx, ContextDeleter> context(ZSTD_createCCtx());
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compressCCtx(context.get(), frame.data(), frame.size(), bytes.data(),
                                        bytes.size(), kLevel);
  // With room for the bound it can only fail for lack of memory.
  frame.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return frame;
}

Result<std::string> DecompressBlock(std::string_view frame, size_t max_bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return DataCorruption("a compressed block does not start with its size");
  }
  if (size > max_bytes) {
    return DataCorruption(
        Format("a compressed block claims {} bytes, the most is {}", size, max_bytes));
  }
  thread_local const std::unique_ptr<ZSTD_DCtx, ContextDeleter> context(ZSTD_createDCtx());
  std::string bytes(size, '\0');
  const size_t written =
      ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(written) != 0) {
    return DataCorruption(Format("a compressed block is damaged: {}", ZSTD_getErrorName(written)));
  }
  if (written != size) {
    return DataCorruption(
        Format("a compressed block holds {} bytes where it claims {}", written, size));
  }
  return bytes;
}

}  // namespace podium::io
