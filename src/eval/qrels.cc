#include "eval/qrels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "eval/json_lists.h"
#include "eval/text_lines.h"
#include "io/compressed.h"

namespace podium::eval {
namespace {

// Judgements under construction, each with its line for the message about contradictions.
class QrelsBuilder {
 public:
  explicit QrelsBuilder(std::string_view name) : name_(name) {}

  void SelectQuery(std::string_view qid) {
    if (!queries_.empty() && queries_[current_].id == qid) {
      return;
    }
    const auto [found, added] = by_id_.try_emplace(std::string(qid), queries_.size());
    current_ = found->second;
    if (added) {
      queries_.push_back({.id = std::string(qid), .lines = {}});
    }
  }

  // `line` is 0 where lines mean nothing. REQUIRES: a query is selected.
  void Add(std::string_view docid, int32_t grade, size_t line) {
    queries_[current_].lines.push_back({{std::string(docid), grade}, line});
  }

  Result<Qrels> Finish() {
    Qrels qrels;
    for (Query& query : queries_) {
      if (query.lines.empty()) {
        continue;  // {"q1": {}} in JSON judges nothing
      }
      QrelsQuery& done = qrels.queries.emplace_back();
      done.id = std::move(query.id);
      PODIUM_RETURN_IF_ERROR(SortInto(query.lines, done));
    }
    if (qrels.queries.empty()) {
      return DataCorruption(Format("{}: expected judgements, found none", name_));
    }
    std::sort(qrels.queries.begin(), qrels.queries.end(),
              [](const QrelsQuery& a, const QrelsQuery& b) { return a.id < b.id; });
    return qrels;
  }

 private:
  struct Line {
    Judgement judgement;
    size_t number = 0;
  };
  struct Query {
    std::string id;
    std::vector<Line> lines;
  };

  Status SortInto(std::vector<Line>& lines, QrelsQuery& done) const {
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
      return a.judgement.docid < b.judgement.docid;
    });
    done.judgements.reserve(lines.size());
    size_t kept_line = 0;
    for (Line& line : lines) {
      if (!done.judgements.empty() && done.judgements.back().docid == line.judgement.docid) {
        const Judgement& kept = done.judgements.back();
        if (kept.grade != line.judgement.grade) {
          const std::string what =
              Format("document {} has grade {} for query {}", Quoted(kept.docid),
                     line.judgement.grade, Quoted(done.id));
          return DataCorruption(line.number == 0
                                    ? Format("{}: {} and grade {} too", name_, what, kept.grade)
                                    : Format("{}:{}: {}, but grade {} on line {}", name_,
                                             line.number, what, kept.grade, kept_line));
        }
        continue;
      }
      kept_line = line.number;
      done.judgements.push_back(std::move(line.judgement));
    }
    return Status::Ok();
  }

  std::string_view name_;
  std::vector<Query> queries_;
  std::unordered_map<std::string, size_t> by_id_;
  size_t current_ = 0;
};

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// A line of a tab-separated file: query, document, grade, or the header that BEIR writes.
constexpr size_t kBeirColumns = 3;
using BeirColumns = std::array<std::string_view, kBeirColumns>;

bool IsBeirHeader(const BeirColumns& columns) {
  return IsOneOf(columns[0], {"query-id", "query_id", "qid", "query"}) &&
         IsOneOf(columns[2], {"score", "relevance", "rel", "label", "grade"});
}

Status AddLine(const LineScanner& lines, const BeirColumns& columns, QrelsBuilder& builder) {
  if (lines.line().find('\0') != std::string_view::npos) {
    return lines.Error("expected text, found a NUL byte");
  }
  if (columns[0].empty() || columns[1].empty()) {
    return lines.Error(Format("the {} id is empty", columns[0].empty() ? "query" : "document"));
  }
  const std::optional<int32_t> grade = ParseGrade(columns[2]);
  if (!grade.has_value()) {
    return lines.Error(
        Format("expected a whole number as grade (the last column), found {}", Quoted(columns[2])));
  }
  builder.SelectQuery(columns[0]);
  builder.Add(columns[1], *grade, lines.number());
  return Status::Ok();
}

Result<BeirColumns> SplitBeirLine(const LineScanner& lines) {
  BeirColumns columns;
  const size_t found = SplitTabs(lines.line(), columns);
  if (found != kBeirColumns) {
    return lines.Error(
        Format("expected 3 columns with tabs between (query-id corpus-id score), found {}", found));
  }
  return columns;
}

// REQUIRES: `lines` stands on the first line.
Result<Qrels> ParseBeirQrels(LineScanner& lines, std::string_view name) {
  QrelsBuilder builder(name);
  PODIUM_ASSIGN_OR_RETURN(const BeirColumns first, SplitBeirLine(lines));
  if (!IsBeirHeader(first)) {
    PODIUM_RETURN_IF_ERROR(AddLine(lines, first, builder));
  }
  while (lines.Next()) {
    PODIUM_ASSIGN_OR_RETURN(const BeirColumns columns, SplitBeirLine(lines));
    PODIUM_RETURN_IF_ERROR(AddLine(lines, columns, builder));
  }
  return builder.Finish();
}

// REQUIRES: `lines` stands on the first line.
Result<Qrels> ParseTrecQrels(LineScanner& lines, std::string_view name) {
  enum Column { kQuery, kIteration, kDocument, kGrade, kColumns };
  QrelsBuilder builder(name);
  std::array<std::string_view, kColumns> columns;
  do {
    const size_t found = SplitColumns(lines.line(), columns);
    if (found != kColumns) {
      return lines.Error(
          Format("expected 4 columns (query 0 document grade; BEIR files have 3 with tabs "
                 "between), found {}",
                 found));
    }
    PODIUM_RETURN_IF_ERROR(
        AddLine(lines, {columns[kQuery], columns[kDocument], columns[kGrade]}, builder));
  } while (lines.Next());
  return builder.Finish();
}

Result<Qrels> ParseJsonQrels(std::string_view text, std::string_view name) {
  QrelsBuilder builder(name);
  std::string current;
  PODIUM_RETURN_IF_ERROR(ReadJsonLists(
      text, name,
      {.on_query =
           [&](std::string_view query) {
             current = query;
             builder.SelectQuery(query);
           },
       .on_document =
           [&](std::string_view document, double value, bool whole) {
             if (!whole || std::abs(value) > std::numeric_limits<int32_t>::max()) {
               return DataCorruption(
                   Format("{}: query {}, document {}: expected a whole number as grade, found {}",
                          name, Quoted(current), Quoted(document), value));
             }
             builder.Add(document, static_cast<int32_t>(value), 0);
             return Status::Ok();
           }}));
  return builder.Finish();
}

}  // namespace

std::optional<int32_t> QrelsQuery::Grade(std::string_view docid) const {
  const auto found = std::lower_bound(judgements.begin(), judgements.end(), docid,
                                      [](const Judgement& judgement, std::string_view wanted) {
                                        return std::string_view(judgement.docid) < wanted;
                                      });
  if (found == judgements.end() || found->docid != docid) {
    return std::nullopt;
  }
  return found->grade;
}

const QrelsQuery* Qrels::Find(std::string_view id) const {
  const auto found = std::lower_bound(queries.begin(), queries.end(), id,
                                      [](const QrelsQuery& query, std::string_view wanted) {
                                        return std::string_view(query.id) < wanted;
                                      });
  return found == queries.end() || found->id != id ? nullptr : &*found;
}

Result<Qrels> ParseQrels(std::string_view text, std::string_view name) {
  if (LooksLikeJson(text)) {
    return ParseJsonQrels(text, name);
  }
  LineScanner lines(text, name);
  if (!lines.Next()) {
    return DataCorruption(Format("{}: expected judgements, found none", name));
  }
  return SplitTabs(lines.line(), {}) == kBeirColumns ? ParseBeirQrels(lines, name)
                                                     : ParseTrecQrels(lines, name);
}

Result<Qrels> ReadQrels(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path));
  return ParseQrels(text, io::SourceName(path.string()));
}

}  // namespace podium::eval
