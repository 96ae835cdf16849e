#include "eval/run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "eval/json_lists.h"
#include "eval/text_lines.h"
#include "io/compressed.h"

namespace podium::eval {
namespace {

// A run under construction; remembers the line of every entry for the message about duplicates.
class RunBuilder {
 public:
  explicit RunBuilder(std::string_view name) : name_(name) {}

  // Entries go to this query from now on.
  void SelectQuery(std::string_view qid) {
    if (!run_.queries.empty() && run_.queries[current_].id == qid) {
      return;
    }
    const auto [found, added] = by_id_.try_emplace(std::string(qid), run_.queries.size());
    current_ = found->second;
    if (added) {
      run_.queries.push_back({.id = std::string(qid), .entries = {}});
      lines_.emplace_back();
    }
  }

  // `line` is 0 where lines mean nothing. REQUIRES: a query is selected.
  void Add(RunEntry entry, size_t line) {
    run_.queries[current_].entries.push_back(std::move(entry));
    lines_[current_].push_back(line);
  }

  // The run, or the error that names the first query with a document listed twice.
  Result<Run> Finish(std::string tag) {
    for (size_t q = 0; q < run_.queries.size(); ++q) {
      PODIUM_RETURN_IF_ERROR(CheckDuplicates(run_.queries[q], lines_[q]));
    }
    run_.tag = std::move(tag);
    return std::move(run_);
  }

  bool empty() const { return run_.queries.empty(); }

 private:
  // Sorting hashes is several times faster than sorting ids, and duplicates are rare.
  Status CheckDuplicates(const RunQuery& query, const std::vector<size_t>& lines) const {
    std::vector<std::pair<size_t, size_t>> hashes(query.entries.size());
    for (size_t i = 0; i < hashes.size(); ++i) {
      hashes[i] = {std::hash<std::string>()(query.entries[i].docid), i};
    }
    std::sort(hashes.begin(), hashes.end());
    for (size_t i = 1; i < hashes.size(); ++i) {
      // Equal hashes of different ids may stand between two equal ids: look at the whole group.
      for (size_t j = i; j-- > 0 && hashes[j].first == hashes[i].first;) {
        const auto [first, second] = std::minmax(hashes[j].second, hashes[i].second);
        if (query.entries[first].docid == query.entries[second].docid) {
          const std::string what = Format("document {} is listed twice for query {}",
                                          Quoted(query.entries[first].docid), Quoted(query.id));
          return DataCorruption(lines[second] == 0 ? Format("{}: {}", name_, what)
                                                   : Format("{}:{}: {}, first on line {}", name_,
                                                            lines[second], what, lines[first]));
        }
      }
    }
    return Status::Ok();
  }

  std::string_view name_;
  Run run_;
  std::vector<std::vector<size_t>> lines_;
  std::unordered_map<std::string, size_t> by_id_;
  size_t current_ = 0;
};

Result<Run> ParseTrecRun(std::string_view text, std::string_view name) {
  enum Column { kQuery, kQ0, kDocument, kRank, kScore, kTag, kColumns };
  RunBuilder builder(name);
  LineScanner lines(text, name);
  std::array<std::string_view, kColumns> columns;
  while (lines.Next()) {
    const size_t found = SplitColumns(lines.line(), columns);
    if (found < kColumns) {
      return lines.Error(
          Format("expected 6 columns (query Q0 document rank score tag), found {}", found));
    }
    if (lines.line().find('\0') != std::string_view::npos) {
      return lines.Error("expected text, found a NUL byte");
    }
    const std::optional<double> score = ParseScore(columns[kScore]);
    if (!score.has_value()) {
      return lines.Error(
          Format("expected a number as score (column 5), found {}", Quoted(columns[kScore])));
    }
    builder.SelectQuery(columns[kQuery]);
    builder.Add({std::string(columns[kDocument]), *score}, lines.number());
  }
  if (builder.empty()) {
    return DataCorruption(Format("{}: expected the lines of a run, found none", name));
  }
  return builder.Finish(std::string(columns[kTag]));
}

Result<Run> ParseJsonRun(std::string_view text, std::string_view name) {
  RunBuilder builder(name);
  PODIUM_RETURN_IF_ERROR(
      ReadJsonLists(text, name,
                    {.on_query = [&](std::string_view query) { builder.SelectQuery(query); },
                     .on_document =
                         [&](std::string_view document, double value, bool /*whole*/) {
                           builder.Add({std::string(document), value}, 0);
                           return Status::Ok();
                         }}));
  if (builder.empty()) {
    return DataCorruption(Format("{}: expected the scores of a run, found none", name));
  }
  return builder.Finish("");
}

}  // namespace

std::vector<uint32_t> RankEntries(std::span<const RunEntry> entries, ScorePrecision precision) {
  struct Item {
    double score;
    uint32_t index;
  };
  std::vector<Item> items(entries.size());
  for (uint32_t i = 0; i < items.size(); ++i) {
    const double score = entries[i].score;
    items[i] = {precision == ScorePrecision::kFloat ? static_cast<float>(score) : score, i};
  }
  std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return a.score != b.score ? a.score > b.score : entries[a.index].docid > entries[b.index].docid;
  });
  std::vector<uint32_t> order(items.size());
  std::transform(items.begin(), items.end(), order.begin(),
                 [](const Item& item) { return item.index; });
  return order;
}

Result<Run> ParseRun(std::string_view text, std::string_view name) {
  return LooksLikeJson(text) ? ParseJsonRun(text, name) : ParseTrecRun(text, name);
}

Result<Run> ReadRun(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path));
  return ParseRun(text, io::SourceName(path.string()));
}

}  // namespace podium::eval
