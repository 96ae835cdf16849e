// Unigram: the tokens whose scores have the greatest sum (SentencePiece).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "text/model.h"
#include "text/trie.h"

namespace podium::text {

class Unigram : public Model {
 public:
  struct Options {
    int32_t unknown_id = 0;
    bool byte_fallback = false;  // spell what is unknown as <0x00> … <0xFF>
  };

  // `scores` has one element per token. InvalidArgument if the unknown token is not among them.
  static Result<std::unique_ptr<const Model>> Create(Vocabulary vocabulary,
                                                     std::vector<double> scores, Options options,
                                                     std::string_view where);

  std::unique_ptr<ModelScratch> NewScratch() const override;
  void Tokenize(std::string_view word, ModelScratch& scratch,
                std::vector<ModelToken>& out) const override;

 private:
  // Puts bytes [begin, end) of the word, which no token spells.
  void PutUnknown(std::string_view word, uint32_t begin, uint32_t end,
                  std::vector<ModelToken>& out) const;

  std::vector<double> scores_;
  Options options_;
  double unknown_score_ = 0;
  Trie trie_;
  std::optional<std::array<int32_t, 256>> byte_ids_;
};

}  // namespace podium::text
