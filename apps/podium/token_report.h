// What `podium index` and `podium info` say of the tokens stored in an index.
#pragma once

#include <string>
#include <vector>

#include "engine/token_cache_info.h"
#include "io/json.h"

namespace podium::cli {

// [{"directory": …, "model": …, "documents": …, "missing": …, "bytes": …} or {"directory": …,
// "error": …}, …]
io::Json TokensToJson(const std::vector<engine::TokenCacheInfo>& caches);

// "bge-base: 5,183 documents, 3.6 MB (tokens-0123…)", with what is missing or wrong.
std::string DescribeTokens(const engine::TokenCacheInfo& cache);

}  // namespace podium::cli
