#include "token_report.h"

#include "base/format.h"
#include "base/progress.h"
#include "byte_size.h"

namespace podium::cli {

io::Json TokensToJson(const std::vector<engine::TokenCacheInfo>& caches) {
  io::Json list = io::Json::array();
  for (const engine::TokenCacheInfo& cache : caches) {
    io::Json json;
    json["directory"] = cache.name;
    if (!cache.error.ok()) {
      json["error"] = cache.error.ToString();
    } else {
      json["model"] = cache.model;
      json["documents"] = cache.documents;
      json["missing"] = cache.missing;
      json["bytes"] = cache.bytes;
    }
    list.push_back(std::move(json));
  }
  return list;
}

std::string DescribeTokens(const engine::TokenCacheInfo& cache) {
  if (!cache.error.ok()) {
    return Format("damaged: {}", cache.error.ToString());
  }
  const std::string missing =
      cache.missing == 0
          ? ""
          : Format(", {} missing (podium index DIR --tokens MODEL)", GroupDigits(cache.missing));
  return Format("{}: {} documents{}, {} ({})", cache.model, GroupDigits(cache.documents), missing,
                FormatBytes(cache.bytes), cache.name);
}

}  // namespace podium::cli
