// Byte pair encoding: neighbours are merged, the earliest learnt merge first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/bpe_merger.h"
#include "text/model.h"

namespace podium::text {

struct BpeOptions {
  std::optional<std::string> unknown_token;
  std::string continuing_prefix;  // heads the characters of a word but for the first
  std::string end_suffix;         // ends the last character of a word
  bool fuse_unknown = false;      // neighbours that are unknown make one token
  bool byte_fallback = false;     // spell unknown characters as <0x00> … <0xFF>
  bool ignore_merges = false;     // a word that is a token stays whole
  bool byte_level = false;        // words are bytes: see ModelOptions
};

class Bpe : public Model {
 public:
  // Merges in the order of their ranks. InvalidArgument if one names a token that the vocabulary
  // does not have, or makes one, or if a text could need an unknown token that is not there.
  static Result<std::unique_ptr<const Model>> Create(
      Vocabulary vocabulary,
      const std::vector<std::pair<std::string_view, std::string_view>>& merges, BpeOptions options,
      std::string_view where);

  std::unique_ptr<ModelScratch> NewScratch() const override;
  void Tokenize(std::string_view word, ModelScratch& scratch,
                std::vector<ModelToken>& out) const override;

 private:
  Status AddMerges(const std::vector<std::pair<std::string_view, std::string_view>>& merges,
                   std::string_view where);
  Status PrepareBytes(std::string_view where);
  void SplitBytes(std::string_view word, BpeWord& symbols) const;
  void SplitCharacters(std::string_view word, BpeWord& symbols) const;

  BpeOptions options_;
  MergeTable merges_;
  std::optional<int32_t> unknown_;
  std::array<int32_t, 256> byte_ids_{};  // tokens of single bytes; -1: none
  StringIdMap words_;                    // whole words, by bytes, for ignore_merges at byte level
};

}  // namespace podium::text
