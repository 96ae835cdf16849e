// Builds a Tokenizer from the files of a model directory.
#include <string>
#include <utility>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_view.h"
#include "text/character_cutters.h"
#include "text/tokenizer_fingerprint.h"
#include "text/tokenizer_parts.h"
#include "text/word_piece.h"

namespace podium::text {
namespace {

constexpr std::string_view kConfigName = "tokenizer_config.json";

// Spaces at the ends of every token that the model may give.
std::vector<TokenSpaces> CountAllSpaces(const Vocabulary& vocabulary) {
  std::vector<TokenSpaces> spaces(vocabulary.id_limit());
  for (size_t id = 0; id < spaces.size(); ++id) {
    spaces[id] = CountSpaces(vocabulary.Token(static_cast<int32_t>(id)));
  }
  return spaces;
}

// The value of a special token in tokenizer_config.json: a string, or an object with "content".
Result<std::string> SpecialTokenName(const io::Json& config, std::string_view key,
                                     std::string_view fallback, std::string_view where) {
  const auto found = config.find(key);
  if (found != config.end() && found->is_object()) {
    return io::JsonGet<std::string>(*found, "content", where);
  }
  return io::JsonGetOr<std::string>(config, key, std::string(fallback), where);
}

// The lines of vocab.txt, without whitespace at their ends, numbered from 0. Of equal lines the
// last counts.
Result<Vocabulary> ReadVocabularyLines(std::string_view text, std::string_view where) {
  Vocabulary vocabulary;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    const size_t last = line.find_last_not_of(" \t\r\v\f");
    line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
    PODIUM_RETURN_IF_ERROR(vocabulary.Append(line, where));
  }
  return vocabulary;
}

// Integers that stand for "no limit" are of the order of 1e30.
constexpr double kMaxMeantLength = 1e9;

Result<std::optional<size_t>> ModelMaxLength(const io::Json& config, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const double length,
                          io::JsonGetOr<double>(config, "model_max_length", -1, where));
  if (length < 1 || length > kMaxMeantLength) {
    return std::optional<size_t>();
  }
  return std::optional<size_t>(static_cast<size_t>(length));
}

}  // namespace

// The steps of building, with access to Tokenizer's parts.
struct TokenizerLoader {
  using Parts = Tokenizer::Parts;

  static Result<std::unique_ptr<Parts>> FromJson(std::string_view text, std::string_view name) {
    PODIUM_ASSIGN_OR_RETURN(const io::JsonDocument document, io::JsonDocument::Parse(text, name));
    const io::JsonView root = document.root();
    PODIUM_ASSIGN_OR_RETURN(const std::string_view version,
                            io::ViewGetOr(root, "version", std::string_view("1.0"), name));
    if (version != "1.0") {
      return Unsupported(
          Format("{}: version \"{}\" of the format, expected \"1.0\"", name, version));
    }
    auto parts = std::make_unique<Parts>();
    parts->fingerprint = FingerprintOfJson(root);
    if (const auto normalizer = root.Find("normalizer")) {
      PODIUM_ASSIGN_OR_RETURN(parts->normalizer, ParseNormalizer(*normalizer, name));
    }
    const std::optional<io::JsonView> model = root.Find("model");
    if (!model) {
      return InvalidArgument(Format("{}: \"model\" is missing", name));
    }
    const std::string model_place = Format("{}: model", name);
    const std::optional<io::JsonView> pre_tokenizer = root.Find("pre_tokenizer");
    ModelOptions options;
    PODIUM_ASSIGN_OR_RETURN(const std::string_view type, ModelType(*model, model_place));
    PODIUM_ASSIGN_OR_RETURN(const bool byte_fallback,
                            io::ViewGetOr(*model, "byte_fallback", false, model_place));
    options.byte_level =
        type == "BPE" && !byte_fallback && pre_tokenizer && EndsInByteLevel(*pre_tokenizer);
    if (pre_tokenizer) {
      PODIUM_ASSIGN_OR_RETURN(parts->pre_tokenizer,
                              ParsePreTokenizer(*pre_tokenizer, options.byte_level, name));
    }
    PODIUM_ASSIGN_OR_RETURN(parts->model, ParseModel(*model, options, model_place));
    if (const auto processor = root.Find("post_processor")) {
      PODIUM_ASSIGN_OR_RETURN(parts->post_processor, ParsePostProcessor(*processor, name));
    }
    std::vector<AddedToken> added;
    if (const auto tokens = root.Find("added_tokens")) {
      PODIUM_ASSIGN_OR_RETURN(added, AddedTokens::Parse(*tokens, Format("{}: added_tokens", name)));
    }
    PODIUM_RETURN_IF_ERROR(
        parts->added.Init(std::move(added), *parts->model, parts->normalizer.get(), name));
    if (parts->post_processor.trim_offsets) {
      parts->spaces = CountAllSpaces(parts->model->vocabulary());
    }
    return parts;
  }

  // What BertTokenizer makes of a vocab.txt.
  static Result<std::unique_ptr<Parts>> FromVocabularyFile(std::string_view text,
                                                           const io::Json& config,
                                                           std::string_view name,
                                                           std::string_view config_name) {
    auto parts = std::make_unique<Parts>();
    PODIUM_ASSIGN_OR_RETURN(Vocabulary vocabulary, ReadVocabularyLines(text, name));
    BertNormalizerOptions normalizer;
    PODIUM_ASSIGN_OR_RETURN(normalizer.lowercase,
                            io::JsonGetOr(config, "do_lower_case", true, config_name));
    PODIUM_ASSIGN_OR_RETURN(
        normalizer.strip_accents,
        io::JsonGetOr(config, "strip_accents", normalizer.lowercase, config_name));
    PODIUM_ASSIGN_OR_RETURN(normalizer.handle_chinese_chars,
                            io::JsonGetOr(config, "tokenize_chinese_chars", true, config_name));
    parts->normalizer = NewBertNormalizer(normalizer);
    parts->pre_tokenizer = NewBertPreTokenizer();

    std::vector<AddedToken> added;
    constexpr std::pair<std::string_view, std::string_view> kSpecialTokens[] = {
        {"unk_token", "[UNK]"}, {"sep_token", "[SEP]"},   {"pad_token", "[PAD]"},
        {"cls_token", "[CLS]"}, {"mask_token", "[MASK]"},
    };
    for (const auto& [key, fallback] : kSpecialTokens) {
      AddedToken token;
      PODIUM_ASSIGN_OR_RETURN(token.content, SpecialTokenName(config, key, fallback, config_name));
      const std::optional<int32_t> id = vocabulary.Find(token.content);
      if (!id) {
        return InvalidArgument(
            Format("{}: the {} \"{}\" is not in the vocabulary", name, key, token.content));
      }
      token.id = *id;
      token.special = true;
      added.push_back(std::move(token));
    }
    std::string settings = Format("{}{}{}", normalizer.lowercase, normalizer.strip_accents,
                                  normalizer.handle_chinese_chars);
    for (const AddedToken& token : added) {
      settings += Format(" {}:{}", token.id, token.content);
    }
    parts->fingerprint = FingerprintOfVocabulary(text, settings);
    WordPieceOptions options;
    options.unknown_token = added[0].content;
    parts->post_processor = BertPostProcessor(added[3].id, added[1].id);
    PODIUM_ASSIGN_OR_RETURN(parts->model,
                            WordPiece::Create(std::move(vocabulary), std::move(options), name));
    PODIUM_RETURN_IF_ERROR(
        parts->added.Init(std::move(added), *parts->model, parts->normalizer.get(), name));
    return parts;
  }

  static Result<std::unique_ptr<Parts>> FromDirectory(const std::filesystem::path& directory) {
    io::Json config = io::Json::object();
    const std::string config_name = (directory / kConfigName).string();
    std::error_code ignored;
    if (std::filesystem::exists(directory / kConfigName, ignored)) {
      PODIUM_ASSIGN_OR_RETURN(config, io::ReadJsonFile(directory / kConfigName));
      if (!config.is_object()) {
        return InvalidArgument(
            Format("{}: expected an object, found {}", config_name, io::JsonTypeName(config)));
      }
    }
    std::unique_ptr<Parts> parts;
    const std::filesystem::path json_path = directory / "tokenizer.json";
    const std::filesystem::path lines_path = directory / "vocab.txt";
    if (std::filesystem::exists(json_path, ignored)) {
      PODIUM_ASSIGN_OR_RETURN(const io::MappedFile file, io::MappedFile::Open(json_path));
      PODIUM_ASSIGN_OR_RETURN(parts, FromJson(file.bytes(), json_path.string()));
    } else if (std::filesystem::exists(lines_path, ignored)) {
      PODIUM_ASSIGN_OR_RETURN(const io::MappedFile file, io::MappedFile::Open(lines_path));
      PODIUM_ASSIGN_OR_RETURN(
          parts, FromVocabularyFile(file.bytes(), config, lines_path.string(), config_name));
    } else {
      return NotFound(
          Format("{}: neither tokenizer.json nor vocab.txt is there", directory.string()));
    }
    PODIUM_ASSIGN_OR_RETURN(parts->model_max_length, ModelMaxLength(config, config_name));
    return parts;
  }
};

Result<std::unique_ptr<const Tokenizer>> Tokenizer::FromJson(std::string_view json,
                                                             std::string_view name) {
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Parts> parts, TokenizerLoader::FromJson(json, name));
  return std::unique_ptr<const Tokenizer>(new Tokenizer(std::move(parts)));
}

Result<std::unique_ptr<const Tokenizer>> Tokenizer::Load(const std::filesystem::path& model_dir) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(model_dir, ignored)) {
    PODIUM_ASSIGN_OR_RETURN(const io::MappedFile file, io::MappedFile::Open(model_dir));
    return FromJson(file.bytes(), model_dir.string());
  }
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<Parts> parts, TokenizerLoader::FromDirectory(model_dir));
  return std::unique_ptr<const Tokenizer>(new Tokenizer(std::move(parts)));
}

}  // namespace podium::text
