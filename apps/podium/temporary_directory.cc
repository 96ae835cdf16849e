#include "temporary_directory.h"

#include <cstring>
#include <string>
#include <utility>

#include <errno.h>
#include <stdlib.h>

#include "base/format.h"

namespace podium::cli {

Result<std::unique_ptr<TemporaryDirectory>> TemporaryDirectory::Create() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) {
    return IoError(Format("no folder for temporary files (TMPDIR): {}", error.message()));
  }
  std::string name = (parent / "podium-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    return IoError(Format("cannot make a folder in {}: {}", parent.string(), std::strerror(errno)));
  }
  return std::unique_ptr<TemporaryDirectory>(new TemporaryDirectory(std::move(name)));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace podium::cli
