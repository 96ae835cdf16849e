#include "text/model.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/format.h"
#include "text/bpe.h"
#include "text/unigram.h"
#include "text/word_piece.h"

namespace podium::text {
namespace {

Result<Vocabulary> ParseVocabulary(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> object = json.Find("vocab");
  if (!object || !object->is_object()) {
    return InvalidArgument(Format("{}: \"vocab\" must be an object, found {}", where,
                                  object ? object->TypeName() : "nothing"));
  }
  Vocabulary vocabulary;
  vocabulary.Reserve(object->size());
  PODIUM_RETURN_IF_ERROR(object->ForEachMember([&](std::string_view token, io::JsonView value) {
    const std::optional<int64_t> id = value.As<int64_t>();
    if (!id) {
      return InvalidArgument(Format("{}: the id of token \"{}\" must be an integer, found {}",
                                    where, token, value.TypeName()));
    }
    return vocabulary.Add(token, *id, where);
  }));
  return vocabulary;
}

Result<std::unique_ptr<const Model>> ParseWordPiece(io::JsonView json, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(Vocabulary vocabulary, ParseVocabulary(json, where));
  WordPieceOptions options;
  PODIUM_ASSIGN_OR_RETURN(const std::string_view unknown,
                          io::ViewGetOr(json, "unk_token", std::string_view("[UNK]"), where));
  PODIUM_ASSIGN_OR_RETURN(
      const std::string_view prefix,
      io::ViewGetOr(json, "continuing_subword_prefix", std::string_view("##"), where));
  PODIUM_ASSIGN_OR_RETURN(const int64_t longest,
                          io::ViewGetOr(json, "max_input_chars_per_word", int64_t{100}, where));
  if (longest < 0) {
    return InvalidArgument(
        Format("{}: \"max_input_chars_per_word\" must not be negative, found {}", where, longest));
  }
  options.unknown_token = unknown;
  options.continuing_prefix = prefix;
  options.max_characters = static_cast<size_t>(longest);
  return WordPiece::Create(std::move(vocabulary), std::move(options), where);
}

// "left right", or the two apart.
Result<std::pair<std::string_view, std::string_view>> ParseMerge(io::JsonView json, size_t number,
                                                                 std::string_view where) {
  std::vector<std::string_view> parts;
  if (const std::optional<std::string_view> line = json.As<std::string_view>()) {
    const size_t space = line->find(' ');
    parts.push_back(line->substr(0, space));
    if (space != std::string_view::npos) {
      parts.push_back(line->substr(space + 1));
    }
  } else {
    PODIUM_RETURN_IF_ERROR(json.ForEachElement([&](io::JsonView element) {
      parts.push_back(element.As<std::string_view>().value_or(""));
      return Status::Ok();
    }));
  }
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty() ||
      (json.is_string() && parts[1].find(' ') != std::string_view::npos)) {
    return InvalidArgument(Format(
        "{}: merge {} must be two tokens: \"left right\" or [\"left\", \"right\"]", where, number));
  }
  return std::pair(parts[0], parts[1]);
}

Result<std::unique_ptr<const Model>> ParseBpe(io::JsonView json, bool byte_level,
                                              std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(Vocabulary vocabulary, ParseVocabulary(json, where));
  const std::optional<io::JsonView> list = json.Find("merges");
  if (!list || !list->is_array()) {
    return InvalidArgument(Format("{}: \"merges\" must be an array, found {}", where,
                                  list ? list->TypeName() : "nothing"));
  }
  std::vector<std::pair<std::string_view, std::string_view>> merges;
  merges.reserve(list->size());
  PODIUM_RETURN_IF_ERROR(list->ForEachElement([&](io::JsonView element) {
    if (element.As<std::string_view>().value_or("").starts_with("#version")) {
      return Status::Ok();
    }
    PODIUM_ASSIGN_OR_RETURN(const auto merge, ParseMerge(element, merges.size() + 1, where));
    merges.push_back(merge);
    return Status::Ok();
  }));
  BpeOptions options;
  options.byte_level = byte_level;
  if (json.Find("unk_token")) {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view token,
                            io::ViewGet<std::string_view>(json, "unk_token", where));
    options.unknown_token = std::string(token);
  }
  constexpr std::string_view kNothing;
  PODIUM_ASSIGN_OR_RETURN(const std::string_view prefix,
                          io::ViewGetOr(json, "continuing_subword_prefix", kNothing, where));
  PODIUM_ASSIGN_OR_RETURN(const std::string_view suffix,
                          io::ViewGetOr(json, "end_of_word_suffix", kNothing, where));
  options.continuing_prefix = prefix;
  options.end_suffix = suffix;
  PODIUM_ASSIGN_OR_RETURN(options.fuse_unknown, io::ViewGetOr(json, "fuse_unk", false, where));
  PODIUM_ASSIGN_OR_RETURN(options.byte_fallback,
                          io::ViewGetOr(json, "byte_fallback", false, where));
  PODIUM_ASSIGN_OR_RETURN(options.ignore_merges,
                          io::ViewGetOr(json, "ignore_merges", false, where));
  return Bpe::Create(std::move(vocabulary), merges, std::move(options), where);
}

// [token, score]
Status ParseScoredToken(io::JsonView json, std::string_view where, Vocabulary& vocabulary,
                        std::vector<double>& scores) {
  std::optional<std::string_view> token;
  std::optional<double> score;
  size_t count = 0;
  PODIUM_RETURN_IF_ERROR(json.ForEachElement([&](io::JsonView element) {
    if (++count == 1) {
      token = element.As<std::string_view>();
    } else {
      score = element.As<double>();
    }
    return Status::Ok();
  }));
  if (count != 2 || !token || !score || !std::isfinite(*score)) {
    return InvalidArgument(Format("{}: entry {} of \"vocab\" must be a token and its score", where,
                                  scores.size() + 1));
  }
  scores.push_back(*score);
  return vocabulary.Append(*token, where);
}

Result<std::unique_ptr<const Model>> ParseUnigram(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> list = json.Find("vocab");
  if (!list || !list->is_array()) {
    return InvalidArgument(Format("{}: \"vocab\" must be an array, found {}", where,
                                  list ? list->TypeName() : "nothing"));
  }
  Vocabulary vocabulary;
  std::vector<double> scores;
  vocabulary.Reserve(list->size());
  PODIUM_RETURN_IF_ERROR(list->ForEachElement(
      [&](io::JsonView element) { return ParseScoredToken(element, where, vocabulary, scores); }));
  PODIUM_ASSIGN_OR_RETURN(const int64_t unknown, io::ViewGet<int64_t>(json, "unk_id", where));
  if (unknown < 0 || unknown > Vocabulary::kMaxId) {
    return InvalidArgument(Format("{}: \"unk_id\" is {}", where, unknown));
  }
  Unigram::Options options;
  options.unknown_id = static_cast<int32_t>(unknown);
  PODIUM_ASSIGN_OR_RETURN(options.byte_fallback,
                          io::ViewGetOr(json, "byte_fallback", false, where));
  return Unigram::Create(std::move(vocabulary), std::move(scores), options, where);
}

}  // namespace

Result<std::string_view> ModelType(io::JsonView json, std::string_view where) {
  if (!json.is_object()) {
    return InvalidArgument(Format("{}: expected an object, found {}", where, json.TypeName()));
  }
  if (json.Find("type")) {
    return io::ViewGet<std::string_view>(json, "type", where);
  }
  if (json.Find("merges")) {
    return std::string_view("BPE");
  }
  const std::optional<io::JsonView> vocabulary = json.Find("vocab");
  if (vocabulary && vocabulary->is_array()) {
    return std::string_view("Unigram");
  }
  const bool word_piece =
      json.Find("continuing_subword_prefix") || json.Find("max_input_chars_per_word");
  return std::string_view(word_piece ? "WordPiece" : "WordLevel");
}

Result<std::unique_ptr<const Model>> ParseModel(io::JsonView json, const ModelOptions& options,
                                                std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type, ModelType(json, where));
  if (type == "WordPiece") {
    return ParseWordPiece(json, where);
  }
  if (type == "BPE") {
    return ParseBpe(json, options.byte_level, where);
  }
  if (type == "Unigram") {
    return ParseUnigram(json, where);
  }
  if (type == "WordLevel") {
    PODIUM_ASSIGN_OR_RETURN(Vocabulary vocabulary, ParseVocabulary(json, where));
    PODIUM_ASSIGN_OR_RETURN(const std::string_view unknown,
                            io::ViewGetOr(json, "unk_token", std::string_view("<unk>"), where));
    return WordLevel::Create(std::move(vocabulary), unknown, where);
  }
  return Unsupported(Format("{}: model \"{}\" is not known", where, type));
}

}  // namespace podium::text
