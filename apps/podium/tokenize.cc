#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/utf8.h"
#include "commands.h"
#include "io/compressed.h"
#include "io/json.h"
#include "terminal.h"
#include "text/tokenizer.h"
#include "text/tokenizer_check.h"

namespace podium::cli {
namespace {

struct TokenizeOptions {
  std::string model;
  std::vector<std::string> texts;
  std::optional<std::string> pair;
  size_t max_length = SIZE_MAX;
  text::TruncationStrategy strategy = text::TruncationStrategy::kLongestFirst;
  text::TruncationSide side = text::TruncationSide::kRight;
  bool no_special = false;
  bool json = false;
  std::string check;
};

Result<text::Encoding> Encode(const TokenizeOptions& options, const text::Tokenizer& tokenizer,
                              std::string_view text) {
  if (options.no_special) {
    text::TokenizedText tokens = tokenizer.Tokenize(text);
    text::Encoding encoding;
    const size_t count = tokens.ids.size();
    encoding.ids = std::move(tokens.ids);
    encoding.offsets = std::move(tokens.offsets);
    encoding.type_ids.assign(count, 0);
    encoding.special.assign(count, 0);
    encoding.sequence.assign(count, 0);
    return encoding;
  }
  const text::Truncation truncation = {options.strategy, options.max_length, options.side};
  return options.pair ? tokenizer.EncodePair(text, *options.pair, truncation)
                      : tokenizer.Encode(text, truncation);
}

// The text as it can be shown on one line: control characters as escapes.
std::string Visible(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(text, at);
    const char32_t c = decoded.code_point;
    if (!decoded.valid) {
      for (uint32_t i = 0; i < decoded.length; ++i) {
        out += Format("\\x{:02X}", static_cast<unsigned char>(text[at + i]));
      }
    } else if (c < ' ' || (c >= 0x7F && c < 0xA0)) {
      out += c == '\n'   ? "\\n"
             : c == '\t' ? "\\t"
             : c == '\r' ? "\\r"
                         : Format("\\x{:02X}", static_cast<uint32_t>(c));
    } else {
      out += text.substr(at, decoded.length);
    }
    at += decoded.length;
  }
  return out;
}

void PrintForPeople(const text::Tokenizer& tokenizer, std::string_view first,
                    std::string_view second, const text::Encoding& encoding) {
  Table table({"#", "id", "token", "bytes", "type", "text"});
  for (size_t i = 0; i < encoding.ids.size(); ++i) {
    const text::ByteRange range = encoding.offsets[i];
    const std::string_view source = encoding.sequence[i] == 0 ? first : second;
    const bool special = encoding.special[i] != 0;
    table.AddRow({std::to_string(i), std::to_string(encoding.ids[i]),
                  Visible(tokenizer.IdToToken(encoding.ids[i])),
                  special ? "-" : Format("{}..{}", range.begin, range.end),
                  std::to_string(encoding.type_ids[i]),
                  special ? "" : Visible(source.substr(range.begin, range.end - range.begin))});
  }
  Print(table.ToString());
  std::string summary =
      Format("{} {}", encoding.ids.size(), encoding.ids.size() == 1 ? "token" : "tokens");
  if (encoding.truncated()) {
    summary += Format(", {} cut off the first text, {} off the second", encoding.dropped_first,
                      encoding.dropped_second);
  }
  Print(Styled(summary, Style::kDim) + "\n");
}

void PrintJson(const TokenizeOptions& options, const text::Tokenizer& tokenizer,
               std::string_view text, const text::Encoding& encoding) {
  io::Json object;
  object["text"] = text;
  if (options.pair) {
    object["pair"] = *options.pair;
  }
  object["ids"] = encoding.ids;
  io::Json tokens = io::Json::array();
  for (const int32_t id : encoding.ids) {
    tokens.push_back(tokenizer.IdToToken(id));
  }
  object["tokens"] = std::move(tokens);
  object["type_ids"] = encoding.type_ids;
  io::Json offsets = io::Json::array();
  for (const text::ByteRange& range : encoding.offsets) {
    offsets.push_back(io::Json::array({range.begin, range.end}));
  }
  object["offsets"] = std::move(offsets);
  object["special"] = encoding.special;
  object["sequence"] = encoding.sequence;
  object["dropped"] = io::Json::array({encoding.dropped_first, encoding.dropped_second});
  Print(io::DumpJson(object) + "\n");
}

Status TokenizeOne(const TokenizeOptions& options, const text::Tokenizer& tokenizer,
                   std::string_view text) {
  PODIUM_ASSIGN_OR_RETURN(const text::Encoding encoding, Encode(options, tokenizer, text));
  if (options.json) {
    PrintJson(options, tokenizer, text, encoding);
  } else {
    PrintForPeople(tokenizer, text, options.pair.value_or(""), encoding);
  }
  return Status::Ok();
}

Status Check(const TokenizeOptions& options, const text::Tokenizer& tokenizer) {
  PODIUM_ASSIGN_OR_RETURN(const std::string cases, io::ReadMaybeCompressed(options.check));
  PODIUM_ASSIGN_OR_RETURN(const text::CheckReport report,
                          text::CheckTokenizer(tokenizer, cases, options.check));
  size_t total = 0;
  size_t agreed = 0;
  io::Json counts = io::Json::array();
  Table table({"kind", "agree", "of"});
  for (const text::CheckCount& count : report.counts) {
    total += count.total;
    agreed += count.agreed;
    table.AddRow({count.kind, std::to_string(count.agreed), std::to_string(count.total)});
    counts.push_back({{"kind", count.kind}, {"agreed", count.agreed}, {"total", count.total}});
  }
  if (options.json) {
    const io::Json object = {{"counts", std::move(counts)}, {"differences", report.differences}};
    Print(io::DumpJson(object) + "\n");
  } else {
    Print(table.ToString());
    for (const std::string& difference : report.differences) {
      Print(difference + "\n");
    }
  }
  if (!report.ok()) {
    return InvalidArgument(
        Format("{}: {} of {} results differ", options.check, total - agreed, total));
  }
  return Status::Ok();
}

Status Run(const TokenizeOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(const auto tokenizer, text::Tokenizer::Load(options.model));
  if (!options.check.empty()) {
    return Check(options, *tokenizer);
  }
  for (const std::string& text : options.texts) {
    PODIUM_RETURN_IF_ERROR(TokenizeOne(options, *tokenizer, text));
  }
  if (options.texts.empty()) {
    for (std::string line; std::getline(std::cin, line);) {
      PODIUM_RETURN_IF_ERROR(TokenizeOne(options, *tokenizer, line));
    }
  }
  return Status::Ok();
}

}  // namespace

void AddTokenizeCommand(CommandLine& line) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App& command = line.Add("tokenize", "Show the tokens that a model reads for a text",
                               [options] { return Run(*options); });
  command
      .add_option("--model", options->model,
                  "Model directory (tokenizer.json or vocab.txt), or a tokenizer.json")
      ->required();
  command.add_option("text", options->texts,
                     "Texts, each by itself; without any, the lines of standard input");
  CLI::Option* const pair = command.add_option("--pair", options->pair,
                                               "Second text: encode each text as a pair with it");
  CLI::Option* const max_length =
      command
          .add_option("--max-length", options->max_length,
                      "Cut to this many tokens, special tokens included")
          ->check(CLI::PositiveNumber);
  const std::map<std::string, text::TruncationStrategy> strategies = {
      {"longest_first", text::TruncationStrategy::kLongestFirst},
      {"only_first", text::TruncationStrategy::kOnlyFirst},
      {"only_second", text::TruncationStrategy::kOnlySecond}};
  CLI::Option* const truncation =
      command
          .add_option("--truncation", options->strategy,
                      "What to cut of a pair: longest_first, only_first or only_second")
          ->transform(CLI::CheckedTransformer(strategies).description(""))
          ->option_text("STRATEGY")
          ->needs(max_length);
  const std::map<std::string, text::TruncationSide> sides = {
      {"right", text::TruncationSide::kRight}, {"left", text::TruncationSide::kLeft}};
  CLI::Option* const side =
      command.add_option("--side", options->side, "Which end to cut: right or left")
          ->transform(CLI::CheckedTransformer(sides).description(""))
          ->option_text("SIDE")
          ->needs(max_length);
  command
      .add_flag("--no-special", options->no_special, "Leave out the special tokens around a text")
      ->excludes(pair)
      ->excludes(max_length);
  command.add_flag("--json", options->json, "One JSON object per text");
  command
      .add_option(
          "--check", options->check,
          "Compare with a file of recorded results (JSON, also compressed); exit status 1 if "
          "any differs")
      ->excludes(pair)
      ->excludes(truncation)
      ->excludes(side)
      ->excludes(max_length);
}

}  // namespace podium::cli
