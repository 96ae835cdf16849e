#include "engine/token_cache_info.h"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "engine/token_cache_reader.h"

namespace podium::engine {
namespace {

std::vector<std::string> CacheNames(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (std::filesystem::directory_iterator it(directory, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    std::string name = it->path().filename().string();
    if (name.starts_with(kTokenCachePrefix)) {
      names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<TokenCacheInfo> Describe(const std::string& name, const TokenCacheReader& cache,
                                const lexical::IndexReader& index) {
  TokenCacheInfo info;
  info.name = name;
  info.model = cache.header().model;
  info.bytes = cache.bytes();
  PODIUM_RETURN_IF_ERROR(index.ForEachContent([&](uint32_t docid, const Fingerprint& content) {
    ++(cache.Has(docid, content) ? info.documents : info.missing);
    return Status::Ok();
  }));
  return info;
}

}  // namespace

Result<std::vector<TokenCacheInfo>> ReadTokenCacheInfo(const std::filesystem::path& directory,
                                                       const lexical::IndexReader& index) {
  std::vector<TokenCacheInfo> caches;
  for (const std::string& name : CacheNames(directory)) {
    const auto cache = TokenCacheReader::Open(directory / name);
    if (cache.ok()) {
      PODIUM_ASSIGN_OR_RETURN(TokenCacheInfo info, Describe(name, **cache, index));
      caches.push_back(std::move(info));
    } else if (cache.status().code() != StatusCode::kNotFound) {  // that one is just being made
      TokenCacheInfo info;
      info.name = name;
      info.error = cache.status();
      caches.push_back(std::move(info));
    }
  }
  return caches;
}

}  // namespace podium::engine
