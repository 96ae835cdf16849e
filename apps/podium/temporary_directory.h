// A directory that lives as long as an object.
#pragma once

#include <filesystem>
#include <memory>

#include "podium/status.h"

namespace podium::cli {

class TemporaryDirectory {
 public:
  // A new one in the system's folder for such (TMPDIR), readable by this user alone.
  static Result<std::unique_ptr<TemporaryDirectory>> Create();
  // Removes it with all that is in it.
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace podium::cli
