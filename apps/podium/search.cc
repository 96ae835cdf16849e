#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/format.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "commands.h"
#include "filters.h"
#include "rerank_flags.h"
#include "snippet.h"
#include "terminal.h"

namespace podium::cli {
namespace {

struct SearchOptions {
  std::string index;
  std::string query;
  SearchRequest request;
  std::vector<std::string> filters;
  RerankFlags rerank;
  bool json = false;
};

constexpr double kMilliseconds = 1e3;
constexpr size_t kSnippetLines = 2;
constexpr int kIndent = 5;

std::string_view SpaceName(const SearchResponse& response) {
  return response.reranked ? ScoreSpaceName(response.space) : "bm25";
}

io::Json ResultToJson(const SearchResult& result, size_t rank) {
  io::Json json;
  json["rank"] = rank;
  json["id"] = result.document.id;
  json["score"] = result.score;
  json["first_stage_rank"] = result.first_stage_rank;
  json["first_stage_score"] = result.first_stage_score;
  if (result.rerank.has_value()) {
    json["rerank"] = CandidateToJson(*result.rerank);
    if (!result.rerank->error.ok()) {
      json["score"] = nullptr;
    }
  }
  json["title"] = result.document.title;
  json["text"] = result.document.text;
  if (!result.document.fields.empty()) {
    const Result<io::Json> fields = io::ParseJson(result.document.fields, "fields");
    json["fields"] = fields.ok() ? *fields : io::Json(result.document.fields);
  }
  return json;
}

void PrintJson(const Engine& engine, const std::string& query, const SearchResponse& response) {
  io::Json json;
  json["query"] = query;
  json["documents"] = engine.documents();
  json["candidates"] = response.candidates;
  json["reranked"] = response.reranked;
  if (response.reranked) {
    json["model"] = engine.reranker()->name();
    json["precision"] = PrecisionName(engine.reranker()->precision());
    json["tokens_from_index"] = response.tokens_from_index;
  }
  json["score_space"] = SpaceName(response);
  json["results"] = io::Json::array();
  for (size_t i = 0; i < response.results.size(); ++i) {
    json["results"].push_back(ResultToJson(response.results[i], i + 1));
  }
  json["times_ms"] = {{"retrieve", response.times.retrieve * kMilliseconds},
                      {"fetch", response.times.fetch * kMilliseconds},
                      {"tokenize", response.times.tokenize * kMilliseconds},
                      {"score", response.times.score * kMilliseconds},
                      {"total", response.times.total * kMilliseconds}};
  Print(io::DumpJson(json) + "\n");
}

// "3.217 raw   was 14 (BM25 18.20)   document cut by 35 tokens"
std::string ScoreLine(const SearchResponse& response, const SearchResult& result) {
  if (!result.rerank.has_value()) {
    return Format("{:.3f} BM25", result.score);
  }
  const CandidateScore& rerank = *result.rerank;
  const std::string remark = CandidateRemark(rerank);
  const std::string was =
      Format("was {} (BM25 {:.2f})", result.first_stage_rank, result.first_stage_score);
  if (!rerank.error.ok()) {
    return Format("{}   {}", was, remark);
  }
  return Format("{:.4f} {}   {}{}{}", result.score, ScoreSpaceName(response.space), was,
                remark.empty() ? "" : "   ", remark);
}

void PrintForPeople(const Engine& engine, const std::string& query,
                    const SearchResponse& response) {
  const auto mark = [](std::string_view word) { return Styled(word, Style::kMatch); };
  const std::string indent(kIndent, ' ');
  const auto width = static_cast<size_t>(std::max(TerminalWidth() - kIndent, 40));
  for (size_t i = 0; i < response.results.size(); ++i) {
    const SearchResult& result = response.results[i];
    const Document& document = result.document;
    Print(Format("{:3}. {}", i + 1, Styled(document.id, Style::kBold)));
    if (!document.title.empty()) {
      Print("  " +
            MakeSnippet(document.title, engine.MatchedRanges(query, document.title), width, mark));
    }
    Print(Format("\n{}{}\n", indent, Styled(ScoreLine(response, result), Style::kDim)));
    const std::string snippet = MakeSnippet(
        document.text, engine.MatchedRanges(query, document.text), kSnippetLines * width, mark);
    for (const std::string& line : WrapLines(snippet, width)) {
      Print(indent + line + "\n");
    }
  }
  if (response.results.empty()) {
    Print("no document matches\n");
  }
}

void ReportTimes(const Engine& engine, const SearchResponse& response) {
  const StageTimes& times = response.times;
  std::string line =
      Format("{} of {} candidates from {} documents; retrieve {:.1f} ms, fetch {:.1f} ms",
             response.results.size(), response.candidates, GroupDigits(engine.documents()),
             times.retrieve * kMilliseconds, times.fetch * kMilliseconds);
  if (response.reranked) {
    const std::string stored =
        response.tokens_from_index == 0 ? "" : Format(" ({} stored)", response.tokens_from_index);
    line += Format(", tokenize {:.1f} ms{}, score {:.1f} ms", times.tokenize * kMilliseconds,
                   stored, times.score * kMilliseconds);
  }
  fprintf(stderr, "%s\n", line.c_str());
}

Status Answer(const Engine& engine, const SearchOptions& options, const std::string& query) {
  SearchRequest request = options.request;
  request.query = query;
  PODIUM_ASSIGN_OR_RETURN(const SearchResponse response, engine.Search(request));
  if (options.json) {
    PrintJson(engine, query, response);
  } else {
    PrintForPeople(engine, query, response);
  }
  PODIUM_RETURN_IF_ERROR(FlushOutput());
  if (!options.json) {
    ReportTimes(engine, response);
  }
  return Status::Ok();
}

// One query a line from standard input until its end; a prompt where a person types.
Status AnswerLines(const Engine& engine, const SearchOptions& options) {
  const bool person = isatty(STDIN_FILENO) == 1;
  if (person) {
    fprintf(stderr, "%s documents. Type a query, or Ctrl-D to leave.\n",
            GroupDigits(engine.documents()).c_str());
  }
  std::string query;
  while (!StopRequested()) {
    if (person) {
      fputs("podium> ", stderr);
      if (!WaitForInput(STDIN_FILENO)) {
        break;
      }
    }
    if (!std::getline(std::cin, query)) {
      break;
    }
    if (query.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    const Status status = Answer(engine, options, query);
    if (!status.ok() && !person) {
      return status;
    }
    if (!status.ok()) {
      Log(LogLevel::kError, "{}", status.ToString());
    }
  }
  if (person) {
    fputs("\n", stderr);
  }
  return Status::Ok();
}

Status RunSearch(SearchOptions options) {
  PODIUM_ASSIGN_OR_RETURN(options.request.filters, ParseFilters(options.filters));
  options.request.truncation = options.rerank.truncation;
  options.request.max_tokens = options.rerank.max_tokens;
  options.request.scores = options.rerank.scores;
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                          Engine::Open({.index = options.index,
                                        .reranker = options.rerank.model,
                                        .threads = options.rerank.threads,
                                        .precision = options.rerank.precision}));
  return options.query.empty() ? AnswerLines(*engine, options)
                               : Answer(*engine, options, options.query);
}

}  // namespace

void AddSearchCommand(CommandLine& line) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App& command = line.Add("search", "Search an index, and rerank what BM25 finds",
                               [options] { return RunSearch(*options); });
  command.add_option("index", options->index, "Index directory made by 'podium index'")
      ->required()
      ->type_name("DIR");
  command
      .add_option("query", options->query,
                  "The query; without one, queries are read from standard input, one a line")
      ->type_name("QUERY");
  command.add_option("--rerank", options->rerank.model, "Reranking model: a directory or org/name")
      ->type_name("MODEL");
  command.add_option("--candidates", options->request.candidates, "BM25 results to rerank")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--top", options->request.top, "Results to show")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  AddFilterOption(command, options->filters);
  AddRerankFlags(command, options->rerank);
  command.add_flag("--json", options->json, "One JSON object a query on standard output");
}

}  // namespace podium::cli
