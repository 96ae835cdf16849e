#include "run_output.h"

#include <stdio.h>

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "io/json.h"
#include "terminal.h"

namespace podium::cli {

RunOutput::RunOutput(std::string path, std::optional<io::AtomicFile> file, const std::string& tag)
    : path_(std::move(path)), file_(std::move(file)), writer_(tag, [this](std::string_view bytes) {
        if (file_.has_value()) {
          return file_->Append(bytes);
        }
        Print(bytes);
        return Status::Ok();
      }) {}

Result<std::unique_ptr<RunOutput>> RunOutput::Create(const std::string& path,
                                                     const std::string& tag) {
  std::optional<io::AtomicFile> file;
  if (path != "-") {
    PODIUM_ASSIGN_OR_RETURN(io::AtomicFile created, io::AtomicFile::Create(path));
    file.emplace(std::move(created));
  }
  return std::unique_ptr<RunOutput>(new RunOutput(path, std::move(file), tag));
}

Status RunOutput::WriteQuery(const std::string& id, std::vector<Item> items,
                             const StageTimes& times, size_t tokens_from_index) {
  std::vector<eval::RunEntry> entries;
  entries.reserve(items.size());
  double lowest = 0;
  for (Item& item : items) {
    const bool failed = item.outcome.has_value() && !item.outcome->error.ok();
    if (item.outcome.has_value()) {
      ++pairs_;
      failed_ += failed ? 1 : 0;
      truncated_ += item.outcome->truncated() ? 1 : 0;
    }
    // A run has no way to say "no score": such a candidate stands one below the one before it.
    const double score = failed ? lowest - 1 : item.score;
    lowest = entries.empty() ? score : std::min(lowest, score);
    entries.push_back({.docid = std::move(item.id), .score = score});
  }
  times_.retrieve += times.retrieve;
  times_.fetch += times.fetch;
  times_.tokenize += times.tokenize;
  times_.score += times.score;
  tokens_from_index_ += tokens_from_index;
  ++queries_;
  return writer_.WriteQuery(id, entries);
}

Status RunOutput::Finish(size_t queries, const Reranker* reranker, bool json) {
  if (file_.has_value()) {
    PODIUM_RETURN_IF_ERROR(file_->Commit());
  } else {
    PODIUM_RETURN_IF_ERROR(FlushOutput());
  }
  const double seconds = clock_.Seconds();
  if (json) {
    io::Json report;
    report["output"] = path_;
    if (reranker != nullptr) {
      report["model"] = reranker->name();
      report["precision"] = PrecisionName(reranker->precision());
    }
    report["queries"] = queries_;
    report["queries_left"] = queries - queries_;
    report["pairs"] = pairs_;
    report["tokens_from_index"] = tokens_from_index_;
    report["truncated"] = truncated_;
    report["failed"] = failed_;
    report["seconds"] = {{"retrieve", times_.retrieve},
                         {"fetch", times_.fetch},
                         {"tokenize", times_.tokenize},
                         {"score", times_.score},
                         {"total", seconds}};
    const std::string text = io::DumpJson(report) + "\n";
    if (file_.has_value()) {
      Print(text);
    } else {
      fputs(text.c_str(), stderr);
    }
  } else {
    const std::string stored =
        tokens_from_index_ == 0
            ? ""
            : Format("; {} of {} passages were tokenized when they were indexed",
                     GroupDigits(tokens_from_index_), GroupDigits(pairs_));
    fprintf(stderr, "%s\n",
            Format("{} queries in {} (retrieve {:.2f} s, fetch {:.2f} s, tokenize {:.2f} s, score "
                   "{:.2f} s){}",
                   GroupDigits(queries_), FormatSeconds(seconds), times_.retrieve, times_.fetch,
                   times_.tokenize, times_.score, stored)
                .c_str());
  }
  if (truncated_ > 0) {
    Log(LogLevel::kWarning, "{} of {} pairs were longer than the model's window and were cut",
        GroupDigits(truncated_), GroupDigits(pairs_));
  }
  if (failed_ > 0) {
    Log(LogLevel::kWarning, "{} of {} pairs got no score and stand last for their query",
        GroupDigits(failed_), GroupDigits(pairs_));
  }
  if (queries_ < queries) {
    return Cancelled(
        Format("stopped by the user: {} of {} queries are in the run", queries_, queries));
  }
  return Status::Ok();
}

}  // namespace podium::cli
