// Runs: for every query the documents that a system retrieved, with scores. Read from and written
// to TREC run files (`qid Q0 docid rank score tag`); read from JSON ({"qid": {"docid": score}}, as
// BEIR and pytrec_eval write it) too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "podium/status.h"

namespace podium::eval {

// One retrieved document. The score is not NaN.
struct RunEntry {
  std::string docid;
  double score = 0;
};

// What was retrieved for one query: entries in the order of the file, each docid once.
struct RunQuery {
  std::string id;
  std::vector<RunEntry> entries;
};

// Queries in the order of their first line, each id once. Not necessarily ranked: see RankEntries.
struct Run {
  std::string tag;  // the last column of the last line; "" for a JSON run
  std::vector<RunQuery> queries;
};

// How scores are compared. trec_eval 10 keeps a score in a double; trec_eval 9 and pytrec_eval in a
// float, so that scores that differ only beyond its 24 bits tie.
enum class ScorePrecision { kDouble, kFloat };

// Positions of the entries, best first, by trec_eval's rule: score descending, equal scores by
// docid descending (compared as bytes). The rank column and the order in the file do not count.
std::vector<uint32_t> RankEntries(std::span<const RunEntry> entries,
                                  ScorePrecision precision = ScorePrecision::kDouble);

// Reads a run file, gzip and Zstandard undone, "-" being standard input; the format is recognised
// by its first character. DataCorruption with file and line for a line with fewer than six columns,
// a score that is no number, a document listed twice for a query, or a file without a line. Columns
// after the sixth are ignored, as trec_eval does.
Result<Run> ReadRun(const std::filesystem::path& path);

// ReadRun of a text already in memory; `name` heads the errors.
Result<Run> ParseRun(std::string_view text, std::string_view name);

// Writes a TREC run file query by query.
//
// What is promised: reading the file back and ranking it by trec_eval's rule gives the order of the
// lines, and the rank column counts it (from 1). For that, documents with equal scores are written
// by docid descending, whatever order they came in; scores are never altered. A score is printed
// with as many digits as it takes to read back the same double, or, if all scores of the query are
// floats (as those of a model are), the same float, which keeps order and ties either way.
//
//   PODIUM_ASSIGN_OR_RETURN(io::AtomicFile file, io::AtomicFile::Create(path));
//   TrecRunWriter writer("bm25", [&](std::string_view bytes) { return file.Append(bytes); });
//   … PODIUM_RETURN_IF_ERROR(writer.WriteQuery(qid, entries)); …
//   return file.Commit();
class TrecRunWriter {
 public:
  using Sink = std::function<Status(std::string_view bytes)>;

  // `tag` names the system. White space in it becomes '_'; an empty tag becomes "podium".
  TrecRunWriter(std::string_view tag, Sink sink);

  // Writes all entries of one query, in any order. InvalidArgument, with nothing written, for what
  // the format cannot hold: an id that is empty, has white space or a NUL, or (of a query) starts
  // with '#', '{' or a byte order mark; a NaN score; a document or query written twice. No entries:
  // no lines.
  Status WriteQuery(std::string_view qid, std::span<const RunEntry> entries);

 private:
  std::string tag_;
  Sink sink_;
  std::unordered_set<std::string> written_;
  std::string buffer_;
};

}  // namespace podium::eval
