// What an index says of the token caches in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/status.h"

#include "lexical/index_reader.h"

namespace podium::engine {

struct TokenCacheInfo {
  std::string name;        // of its directory in the index: "tokens-…"
  std::string model;       // that it was made for; others may have the same tokenizer
  uint64_t documents = 0;  // of the index whose tokens it has
  uint64_t missing = 0;    // of the index whose tokens it has not
  uint64_t bytes = 0;
  Status error;  // why it cannot be read; then the rest but `name` is unknown
};

// In order of name. Whether records are intact is not looked at.
Result<std::vector<TokenCacheInfo>> ReadTokenCacheInfo(const std::filesystem::path& directory,
                                                       const lexical::IndexReader& index);

}  // namespace podium::engine
