#include "io/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "base/format.h"
#include "io/file.h"

namespace podium::io {
namespace {

namespace fs = std::filesystem;

fs::path EnvironmentPath(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? fs::path(value) : fs::path();
}

// The hub's own rule (huggingface_hub constants): the most specific variable wins.
fs::path HubCacheDirectory() {
  if (const fs::path hub = EnvironmentPath("HF_HUB_CACHE"); !hub.empty()) {
    return hub;
  }
  if (const fs::path home = EnvironmentPath("HF_HOME"); !home.empty()) {
    return home / "hub";
  }
  if (const fs::path cache = EnvironmentPath("XDG_CACHE_HOME"); !cache.empty()) {
    return cache / "huggingface" / "hub";
  }
  return EnvironmentPath("HOME") / ".cache" / "huggingface" / "hub";
}

// "org/name": two non-empty parts that are plain names.
bool IsHubName(std::string_view model) {
  const size_t slash = model.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < model.size() &&
         model.find('/', slash + 1) == std::string_view::npos &&
         model.find("..") == std::string_view::npos;
}

bool IsDirectory(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

Result<fs::path> ResolveModel(const std::string& model) {
  if (model.empty()) {
    return InvalidArgument("the model's name is empty");
  }
  if (IsDirectory(model)) {
    return fs::path(model);
  }
  if (!IsHubName(model)) {
    return NotFound(Format("model {}: no such directory", model));
  }
  std::string folder = "models--" + model;
  folder.replace(folder.find('/'), 1, "--");
  const fs::path base = HubCacheDirectory() / folder;
  const fs::path reference = base / "refs" / "main";
  if (Result<std::string> revision = ReadFile(reference); revision.ok()) {
    std::string name = *revision;
    name.erase(
        std::remove_if(name.begin(), name.end(), [](char c) { return c == '\n' || c == '\r'; }),
        name.end());
    const fs::path snapshot = base / "snapshots" / name;
    if (!name.empty() && name.find('/') == std::string::npos && IsDirectory(snapshot)) {
      return snapshot;
    }
    return DataCorruption(Format("model {}: {} names revision {}, which is not in {}", model,
                                 reference.string(), name, (base / "snapshots").string()));
  }
  return NotFound(Format("model {}: no such directory, and not in the Hugging Face cache ({})",
                         model, base.string()));
}

}  // namespace podium::io
