#include "text/model.h"

#include <string>
#include <utility>

#include "base/format.h"
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

Result<std::unique_ptr<const Model>> ParseModel(io::JsonView json, const ModelOptions& /*options*/,
                                                std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type, ModelType(json, where));
  if (type == "WordPiece") {
    return ParseWordPiece(json, where);
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
