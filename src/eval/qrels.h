// Judgements ("qrels"): for every query the documents that were assessed, with a grade. Read from
// TREC files (`qid 0 docid grade`), BEIR files (tab-separated with the header `query-id corpus-id
// score`) and JSON ({"qid": {"docid": grade}}).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::eval {

// Grade of one document for one query: 0 not relevant, higher more relevant. A negative grade is in
// the file but counts as neither relevant nor not relevant, as in trec_eval.
struct Judgement {
  std::string docid;
  int32_t grade = 0;
};

struct QrelsQuery {
  std::string id;
  std::vector<Judgement> judgements;  // ascending by docid (bytes), each docid once, at least one

  // The grade of a document, or nothing if it was not judged.
  std::optional<int32_t> Grade(std::string_view docid) const;
};

struct Qrels {
  std::vector<QrelsQuery> queries;  // ascending by id (bytes), each id once

  // Nullptr if the query has no judgements.
  const QrelsQuery* Find(std::string_view id) const;
};

// Reads a file of judgements; the format is recognised by its first line. DataCorruption with file
// and line for a wrong number of columns, a grade that is no whole number, a document judged twice
// for a query with different grades (the same line twice is allowed), or a file without a
// judgement.
Result<Qrels> ReadQrels(const std::filesystem::path& path);

// ReadQrels of a text already in memory; `name` heads the errors.
Result<Qrels> ParseQrels(std::string_view text, std::string_view name);

}  // namespace podium::eval
