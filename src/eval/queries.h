// Queries: what is asked, with the id that runs and judgements know it by.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::eval {

struct Query {
  std::string id;
  std::string text;
};

// Reads a file of queries in its order, gzip and Zstandard undone, "-" being standard input; the
// format is recognised by the first character. Either one JSON object a line with "_id" (or "id",
// "qid", "query_id"; a string or a whole number) and "text" (or "query"), as BEIR's queries.jsonl;
// or lines `id<TAB>text`, as MS MARCO's; there a line that starts with '#' is a comment.
// DataCorruption with file and line for anything else, an empty id or an id that occurs twice, and
// for a file without a query. Empty text is allowed.
Result<std::vector<Query>> ReadQueries(const std::filesystem::path& path);

// ReadQueries of a text already in memory; `name` heads the errors.
Result<std::vector<Query>> ParseQueries(std::string_view text, std::string_view name);

}  // namespace podium::eval
