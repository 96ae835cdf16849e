#include "text/word_piece.h"

#include <utility>

#include "base/format.h"

namespace podium::text {
namespace {

// True if the text has more than `limit` characters; reads no further than it must.
bool LongerThan(std::string_view utf8, size_t limit) {
  if (utf8.size() <= limit) {
    return false;
  }
  size_t characters = 0;
  for (const char byte : utf8) {
    characters += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
    if (characters > limit) {
      return true;
    }
  }
  return false;
}

Result<int32_t> FindUnknown(const Vocabulary& vocabulary, std::string_view token,
                            std::string_view where) {
  const std::optional<int32_t> id = vocabulary.Find(token);
  if (!id) {
    return InvalidArgument(
        Format("{}: the unknown token \"{}\" is not in the vocabulary", where, token));
  }
  return *id;
}

}  // namespace

Result<std::unique_ptr<const Model>> WordPiece::Create(Vocabulary vocabulary,
                                                       WordPieceOptions options,
                                                       std::string_view where) {
  auto model = std::make_unique<WordPiece>();
  PODIUM_ASSIGN_OR_RETURN(model->unknown_, FindUnknown(vocabulary, options.unknown_token, where));
  model->vocabulary_ = std::move(vocabulary);
  std::vector<std::pair<std::string_view, int32_t>> keys;
  for (size_t id = 0; id < model->vocabulary_.id_limit(); ++id) {
    keys.emplace_back(model->vocabulary_.Token(static_cast<int32_t>(id)), static_cast<int32_t>(id));
  }
  model->trie_.Build(std::move(keys));
  model->continuing_ = model->trie_.Walk(Trie::kRoot, options.continuing_prefix);
  model->options_ = std::move(options);
  return std::unique_ptr<const Model>(std::move(model));
}

std::unique_ptr<ModelScratch> WordPiece::NewScratch() const {
  return std::make_unique<ModelScratch>();
}

void WordPiece::Tokenize(std::string_view word, ModelScratch& /*scratch*/,
                         std::vector<ModelToken>& out) const {
  const size_t first_token = out.size();
  const auto size = static_cast<uint32_t>(word.size());
  uint32_t begin = LongerThan(word, options_.max_characters) ? size : 0;
  bool spelled = begin < size;
  while (begin < size) {
    int32_t node = begin == 0 ? Trie::kRoot : continuing_;
    ModelToken longest = {Trie::kNoValue, begin, begin};
    for (uint32_t at = begin; node != Trie::kNoNode && at < size; ++at) {
      node = trie_.Step(node, static_cast<unsigned char>(word[at]));
      if (node != Trie::kNoNode && trie_.Value(node) != Trie::kNoValue) {
        longest.id = trie_.Value(node);
        longest.end = at + 1;
      }
    }
    if (longest.id == Trie::kNoValue) {
      spelled = false;
      break;
    }
    out.push_back(longest);
    begin = longest.end;
  }
  if (!spelled) {
    out.resize(first_token);
    out.push_back({unknown_, 0, size});
  }
}

Result<std::unique_ptr<const Model>> WordLevel::Create(Vocabulary vocabulary,
                                                       std::string_view unknown_token,
                                                       std::string_view where) {
  auto model = std::make_unique<WordLevel>();
  PODIUM_ASSIGN_OR_RETURN(model->unknown_, FindUnknown(vocabulary, unknown_token, where));
  model->vocabulary_ = std::move(vocabulary);
  return std::unique_ptr<const Model>(std::move(model));
}

std::unique_ptr<ModelScratch> WordLevel::NewScratch() const {
  return std::make_unique<ModelScratch>();
}

void WordLevel::Tokenize(std::string_view word, ModelScratch& /*scratch*/,
                         std::vector<ModelToken>& out) const {
  out.push_back({vocabulary_.Find(word).value_or(unknown_), 0, static_cast<uint32_t>(word.size())});
}

}  // namespace podium::text
