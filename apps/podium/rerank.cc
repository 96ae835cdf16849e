#include <stdio.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "podium/engine.h"

#include "base/format.h"
#include "base/log.h"
#include "commands.h"
#include "passages.h"
#include "ranking/order.h"
#include "rerank_flags.h"
#include "snippet.h"
#include "terminal.h"

namespace podium::cli {
namespace {

struct RerankOptions {
  std::string query;
  PassageInput input;
  RerankFlags rerank;
  size_t top = 0;
  bool json = false;
};

constexpr int kTextIndent = 5;

std::vector<size_t> Rank(const std::vector<Document>& passages, const RerankResponse& response,
                         size_t top) {
  std::vector<ranking::Scored> scored;
  for (size_t i = 0; i < passages.size(); ++i) {
    scored.push_back({.score = response.scores[i].score,
                      .failed = !response.scores[i].error.ok(),
                      .first_stage_rank = i + 1,
                      .id = passages[i].id});
  }
  std::vector<size_t> order = ranking::RankOrder(scored);
  if (top > 0) {
    order.resize(std::min(order.size(), top));
  }
  return order;
}

void PrintJson(const RerankOptions& options, const Reranker& reranker,
               const std::vector<Document>& passages, const RerankResponse& response,
               const std::vector<size_t>& order) {
  constexpr double kMilliseconds = 1e3;
  io::Json json;
  json["query"] = options.query;
  json["model"] = reranker.name();
  json["precision"] = PrecisionName(reranker.precision());
  json["score_space"] = ScoreSpaceName(response.space);
  json["results"] = io::Json::array();
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const CandidateScore& score = response.scores[order[rank]];
    io::Json result;
    result["rank"] = rank + 1;
    result["id"] = passages[order[rank]].id;
    result["index"] = order[rank];
    result["score"] = score.error.ok() ? io::Json(score.score) : io::Json(nullptr);
    result.update(CandidateToJson(score));
    result["title"] = passages[order[rank]].title;
    result["text"] = passages[order[rank]].text;
    json["results"].push_back(std::move(result));
  }
  json["times_ms"] = {{"tokenize", response.tokenize_seconds * kMilliseconds},
                      {"score", response.score_seconds * kMilliseconds}};
  Print(io::DumpJson(json) + "\n");
}

void PrintForPeople(const std::vector<Document>& passages, const RerankResponse& response,
                    const std::vector<size_t>& order) {
  const auto width = static_cast<size_t>(std::max(TerminalWidth() - kTextIndent, 40));
  const auto plain = [](std::string_view word) { return std::string(word); };
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const CandidateScore& score = response.scores[order[rank]];
    const Document& passage = passages[order[rank]];
    const std::string remark = CandidateRemark(score);
    const std::string value =
        score.error.ok() ? Format("{:.4f} {}", score.score, ScoreSpaceName(response.space)) : "";
    Print(Format("{:3}. {}  {}\n", rank + 1, Styled(passage.id, Style::kBold),
                 Styled(Format("{}   was {}{}{}", value, order[rank] + 1,
                               remark.empty() ? "" : "   ", remark),
                        Style::kDim)));
    const std::string text = MakeSnippet(PassageText(passage), {}, 2 * width, plain);
    for (const std::string& line : WrapLines(text, width)) {
      Print(std::string(kTextIndent, ' ') + line + "\n");
    }
  }
}

Status RunRerank(const RerankOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Reranker> reranker,
      LoadReranker(options.rerank.model,
                   {.threads = options.rerank.threads, .precision = options.rerank.precision}));
  PODIUM_ASSIGN_OR_RETURN(const std::vector<Document> passages, ReadPassages(options.input));
  RerankRequest request{.query = options.query,
                        .truncation = options.rerank.truncation,
                        .max_tokens = options.rerank.max_tokens,
                        .scores = options.rerank.scores};
  for (const Document& passage : passages) {
    request.candidates.push_back(PassageText(passage));
  }
  PODIUM_ASSIGN_OR_RETURN(const RerankResponse response, reranker->Rerank(request));
  const std::vector<size_t> order = Rank(passages, response, options.top);
  if (options.json) {
    PrintJson(options, *reranker, passages, response, order);
    return Status::Ok();
  }
  PrintForPeople(passages, response, order);
  PODIUM_RETURN_IF_ERROR(FlushOutput());
  fprintf(stderr, "%s\n",
          Format("{} passages; tokenize {:.1f} ms, score {:.1f} ms", passages.size(),
                 response.tokenize_seconds * 1e3, response.score_seconds * 1e3)
              .c_str());
  return Status::Ok();
}

}  // namespace

void AddRerankCommand(CommandLine& line) {
  auto options = std::make_shared<RerankOptions>();
  CLI::App& command = line.Add("rerank", "Score passages against a query with a cross-encoder",
                               [options] { return RunRerank(*options); });
  command.add_option("--model", options->rerank.model, "Reranking model: a directory or org/name")
      ->required()
      ->type_name("MODEL");
  command.add_option("--query", options->query, "The query")->required()->type_name("QUERY");
  AddPassageOptions(command, options->input);
  command.add_option("--top", options->top, "Results to show (default: all)")->type_name("N");
  AddRerankFlags(command, options->rerank);
  command.add_flag("--json", options->json, "One JSON object on standard output");
}

}  // namespace podium::cli
