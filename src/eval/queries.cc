#include "eval/queries.h"

#include <array>
#include <initializer_list>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "eval/text_lines.h"
#include "io/compressed.h"
#include "io/json.h"

namespace podium::eval {
namespace {

using io::Json;

const Json* FindFirst(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* const key : keys) {
    const auto found = object.find(key);
    if (found != object.end()) {
      return &*found;
    }
  }
  return nullptr;
}

Result<Query> ParseJsonQuery(const LineScanner& lines, std::string_view name) {
  const std::string place = Format("{}:{}", name, lines.number());
  Result<Json> parsed = io::ParseJson(lines.line(), place);
  if (!parsed.ok()) {
    return DataCorruption(parsed.status().message());
  }
  if (!parsed->is_object()) {
    return lines.Error(Format("expected an object, found {}", io::JsonTypeName(*parsed)));
  }
  const Json* const id = FindFirst(*parsed, {"_id", "id", "qid", "query_id"});
  const Json* const text = FindFirst(*parsed, {"text", "query"});
  if (id == nullptr || text == nullptr) {
    return lines.Error(Format("the query has no \"{}\"", id == nullptr ? "_id" : "text"));
  }
  if (!id->is_string() && !id->is_number_integer()) {
    return lines.Error(
        Format("expected a string as the query's id, found {}", io::JsonTypeName(*id)));
  }
  if (!text->is_string()) {
    return lines.Error(
        Format("expected a string as the query's text, found {}", io::JsonTypeName(*text)));
  }
  return Query{id->is_string() ? id->get<std::string>() : id->dump(), text->get<std::string>()};
}

Result<Query> ParseTabbedQuery(const LineScanner& lines) {
  std::array<std::string_view, 2> columns;
  const size_t found = SplitTabs(lines.line(), columns);
  if (found != columns.size()) {
    return lines.Error(Format("expected 2 columns (id, a tab, text), found {}", found));
  }
  return Query{std::string(columns[0]), std::string(columns[1])};
}

}  // namespace

Result<std::vector<Query>> ParseQueries(std::string_view text, std::string_view name) {
  const bool json = LooksLikeJson(text);
  std::vector<Query> queries;
  std::unordered_set<std::string> ids;
  LineScanner lines(text, name);
  while (lines.Next()) {
    PODIUM_ASSIGN_OR_RETURN(Query query,
                            json ? ParseJsonQuery(lines, name) : ParseTabbedQuery(lines));
    if (query.id.empty()) {
      return lines.Error("the query's id is empty");
    }
    if (!ids.insert(query.id).second) {
      return lines.Error(Format("query {} occurs twice", Quoted(query.id)));
    }
    queries.push_back(std::move(query));
  }
  if (queries.empty()) {
    return DataCorruption(Format("{}: expected queries, found none", name));
  }
  return queries;
}

Result<std::vector<Query>> ReadQueries(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path));
  return ParseQueries(text, io::SourceName(path.string()));
}

}  // namespace podium::eval
