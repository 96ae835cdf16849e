// WordPiece: the longest token that the rest of the word starts with, again and again (BERT).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text/model.h"
#include "text/trie.h"

namespace podium::text {

struct WordPieceOptions {
  std::string unknown_token = "[UNK]";
  std::string continuing_prefix = "##";  // heads tokens that do not start a word
  size_t max_characters = 100;           // a longer word is unknown as a whole
};

class WordPiece : public Model {
 public:
  // InvalidArgument if the vocabulary has no unknown token.
  static Result<std::unique_ptr<const Model>> Create(Vocabulary vocabulary,
                                                     WordPieceOptions options,
                                                     std::string_view where);

  std::unique_ptr<ModelScratch> NewScratch() const override;
  void Tokenize(std::string_view word, ModelScratch& scratch,
                std::vector<ModelToken>& out) const override;

 private:
  WordPieceOptions options_;
  int32_t unknown_ = 0;
  Trie trie_;
  int32_t continuing_ = Trie::kNoNode;  // the node that the prefix leads to
};

// WordLevel: a word is a token or unknown.
class WordLevel : public Model {
 public:
  static Result<std::unique_ptr<const Model>> Create(Vocabulary vocabulary,
                                                     std::string_view unknown_token,
                                                     std::string_view where);

  std::unique_ptr<ModelScratch> NewScratch() const override;
  void Tokenize(std::string_view word, ModelScratch& scratch,
                std::vector<ModelToken>& out) const override;

 private:
  int32_t unknown_ = 0;
};

}  // namespace podium::text
