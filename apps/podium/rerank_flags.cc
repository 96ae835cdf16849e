#include "rerank_flags.h"

#include <map>

#include "base/format.h"

namespace podium::cli {

void AddPrecisionOption(CLI::App& command, Precision& precision) {
  static const std::map<std::string, Precision> kPrecisions = {{"auto", Precision::kAuto},
                                                               {"fp32", Precision::kFp32},
                                                               {"bf16", Precision::kBf16},
                                                               {"bf16x3", Precision::kBf16x3},
                                                               {"int8", Precision::kInt8}};
  command
      .add_option("--precision", precision,
                  "Numbers of the model's matrix products: auto (bf16 where the CPU is fast at it, "
                  "else fp32; default), fp32, bf16, bf16x3 (nearly fp32's scores), or int8")
      ->transform(CLI::CheckedTransformer(kPrecisions).description(""))
      ->type_name("PRECISION");
}

void AddRerankFlags(CLI::App& command, RerankFlags& flags) {
  static const std::map<std::string, TruncationRule> kTruncation = {
      {"longest_first", TruncationRule::kLongestFirst},
      {"only_document", TruncationRule::kOnlyDocument},
      {"none", TruncationRule::kNone}};
  static const std::map<std::string, ScoreSpace> kScores = {
      {"model", ScoreSpace::kModel}, {"raw", ScoreSpace::kRaw}, {"sigmoid", ScoreSpace::kSigmoid}};
  command
      .add_option("--truncation", flags.truncation,
                  "What an over-long pair loses: longest_first (default), only_document, or none "
                  "(an error)")
      ->transform(CLI::CheckedTransformer(kTruncation).description(""))
      ->type_name("RULE");
  command
      .add_option("--max-tokens", flags.max_tokens,
                  "Longest pair in tokens, special tokens included (default: what the model takes)")
      ->type_name("N");
  command
      .add_option("--scores", flags.scores,
                  "Score space: model (as its configuration asks, default), raw, or sigmoid")
      ->transform(CLI::CheckedTransformer(kScores).description(""))
      ->type_name("SPACE");
  command.add_option("--threads", flags.threads, "Worker threads (default: one per CPU)")
      ->type_name("N");
  AddPrecisionOption(command, flags.precision);
}

io::Json CandidateToJson(const CandidateScore& score) {
  io::Json json;
  if (!score.error.ok()) {
    json["error"] = score.error.ToString();
    return json;
  }
  json["raw"] = score.raw;
  json["tokens"] = score.tokens;
  json["truncated"] = score.truncated();
  json["query_tokens_dropped"] = score.query_tokens_dropped;
  json["document_tokens_dropped"] = score.document_tokens_dropped;
  return json;
}

std::string CandidateRemark(const CandidateScore& score) {
  if (!score.error.ok()) {
    return Format("no score: {}", score.error.message());
  }
  std::string remark;
  if (score.query_tokens_dropped > 0) {
    remark = Format("query cut by {} tokens", score.query_tokens_dropped);
  }
  if (score.document_tokens_dropped > 0) {
    remark += Format("{}document cut by {} tokens", remark.empty() ? "" : ", ",
                     score.document_tokens_dropped);
  }
  return remark;
}

}  // namespace podium::cli
