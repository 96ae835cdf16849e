// Where a model's files lie on this machine.
#pragma once

#include <filesystem>
#include <string>

#include "podium/status.h"

namespace podium::io {

// The directory of `model`: itself if it names a directory; else, for "org/name", its snapshot in
// the Hugging Face cache ($HF_HUB_CACHE, $HF_HOME/hub or ~/.cache/huggingface/hub; the revision
// that refs/main names). NotFound lists the places that were looked at.
Result<std::filesystem::path> ResolveModel(const std::string& model);

}  // namespace podium::io
