// Tokens that are found in the text before anything else is done to it: [SEP], <mask>, …
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/json_view.h"
#include "text/model.h"
#include "text/normalizer.h"
#include "text/trie.h"

namespace podium::text {

struct AddedToken {
  std::string content;
  int32_t id = 0;
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the whitespace before it along
  bool rstrip = false;       // … and after it
  bool normalized = false;   // looked for in the normalised text, in its normalised form
  bool special = false;
};

// A stretch of text: an added token, or (no token) text between.
struct AddedTokenSpan {
  size_t begin = 0;
  size_t end = 0;
  const AddedToken* token = nullptr;
};

// Finds tokens in a text: the leftmost, of these the longest, then on behind it.
class AddedTokenMatcher {
 public:
  // Looks for `forms[i]` in place of tokens[i]. Empty forms are never found. The tokens must stay
  // where they are.
  void Build(std::vector<const AddedToken*> tokens, std::vector<std::string> forms);
  bool empty() const { return tokens_.empty(); }

  // Appends spans that cover the text in order; empty ones are left out.
  void Find(std::string_view text, std::vector<AddedTokenSpan>& out) const;

 private:
  // The longest token at `at`; nullptr if there is none.
  const AddedToken* LongestAt(std::string_view text, size_t at, size_t& length) const;

  std::vector<const AddedToken*> tokens_;
  Trie trie_;                       // values are indices into tokens_
  std::array<bool, 256> starts_{};  // bytes that a token starts with
};

// The added tokens of a tokenizer. Immutable after Parse; safe to use from many threads.
class AddedTokens {
 public:
  // The "added_tokens" of a tokenizer.json. Ids are given as the Hugging Face library does: that of
  // the model's vocabulary, else the next free one; a file that says otherwise is logged.
  static Result<std::vector<AddedToken>> Parse(io::JsonView json, std::string_view where);

  // Gives the tokens their ids. `normalizer` may be null.
  Status Init(std::vector<AddedToken> tokens, const Model& model, const Normalizer* normalizer,
              std::string_view where);

  std::optional<int32_t> TokenToId(std::string_view token) const { return ids_.Find(token); }
  const AddedToken* FindById(int32_t id) const;
  const std::vector<AddedToken>& tokens() const { return tokens_; }

  const AddedTokenMatcher& plain() const { return plain_; }
  const AddedTokenMatcher& normalized() const { return normalized_; }

 private:
  std::vector<AddedToken> tokens_;
  StringIdMap ids_;
  std::vector<const AddedToken*> by_id_;  // null where an id is of the model alone
  AddedTokenMatcher plain_;
  AddedTokenMatcher normalized_;
};

}  // namespace podium::text
