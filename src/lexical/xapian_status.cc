#include "lexical/xapian_status.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/format.h"

namespace podium::lexical {
namespace {

// Xapian gives a failed system call as the text of its errno.
bool IsFullDisk(std::string_view error) {
  for (const int code : {ENOSPC, EDQUOT, EFBIG}) {
    if (error.find(std::generic_category().message(code)) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

Status FromXapian(const Xapian::Error& error, std::string_view what) {
  const char* system = error.get_error_string();
  const std::string_view reason = system != nullptr ? system : "";
  std::string message =
      Format("{}: {}{}{}", what, error.get_msg(), reason.empty() ? "" : ": ", reason);
  const std::string_view type = error.get_type();
  if (IsFullDisk(message)) {
    return ResourceExhausted(std::move(message));
  }
  if (type == "DatabaseLockError") {
    return ResourceExhausted(Format("{}: another process is writing to this index", what));
  }
  if (type == "DatabaseCorruptError" || type == "SerialisationError" || type == "RangeError") {
    return DataCorruption(std::move(message));
  }
  if (type == "DatabaseVersionError" || type == "FeatureUnavailableError" ||
      type == "UnimplementedError") {
    return Unsupported(std::move(message));
  }
  if (type == "DatabaseNotFoundError" || type == "DocNotFoundError") {
    return NotFound(std::move(message));
  }
  if (type == "DatabaseModifiedError") {
    return ResourceExhausted(Format("{}: the index changed faster than it could be read", what));
  }
  if (type == "InvalidArgumentError") {
    return InvalidArgument(std::move(message));
  }
  return IoError(std::move(message));
}

}  // namespace podium::lexical
