#include "text/added_tokens.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/utf8.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

// The character that ends at `at`. REQUIRES: 0 < at, valid UTF-8
DecodedCodePoint CharacterBefore(std::string_view text, size_t at) {
  size_t begin = at - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) {
    --begin;
  }
  return DecodeUtf8(text, begin);
}

bool TouchesWord(std::string_view text, size_t begin, size_t end) {
  return (begin > 0 && IsWordCharacter(CharacterBefore(text, begin).code_point)) ||
         (end < text.size() && IsWordCharacter(DecodeUtf8(text, end).code_point));
}

size_t SkipSpaceBefore(std::string_view text, size_t at, size_t limit) {
  while (at > limit) {
    const DecodedCodePoint before = CharacterBefore(text, at);
    if (!IsWhitespace(before.code_point)) {
      break;
    }
    at -= before.length;
  }
  return std::max(at, limit);
}

size_t SkipSpaceAfter(std::string_view text, size_t at) {
  while (at < text.size()) {
    const DecodedCodePoint next = DecodeUtf8(text, at);
    if (!IsWhitespace(next.code_point)) {
      break;
    }
    at += next.length;
  }
  return at;
}

}  // namespace

void AddedTokenMatcher::Build(std::vector<const AddedToken*> tokens,
                              std::vector<std::string> forms) {
  tokens_ = std::move(tokens);
  std::vector<std::pair<std::string_view, int32_t>> keys;
  // Of equal keys the trie keeps the last; here the first counts.
  for (size_t i = forms.size(); i-- > 0;) {
    if (!forms[i].empty()) {
      keys.emplace_back(forms[i], static_cast<int32_t>(i));
      starts_[static_cast<unsigned char>(forms[i].front())] = true;
    }
  }
  trie_.Build(std::move(keys));
}

const AddedToken* AddedTokenMatcher::LongestAt(std::string_view text, size_t at,
                                               size_t& length) const {
  const AddedToken* found = nullptr;
  int32_t node = Trie::kRoot;
  for (size_t end = at; end < text.size(); ++end) {
    node = trie_.Step(node, static_cast<unsigned char>(text[end]));
    if (node == Trie::kNoNode) {
      break;
    }
    if (trie_.Value(node) != Trie::kNoValue) {
      found = tokens_[static_cast<size_t>(trie_.Value(node))];
      length = end + 1 - at;
    }
  }
  return found;
}

void AddedTokenMatcher::Find(std::string_view text, std::vector<AddedTokenSpan>& out) const {
  size_t covered = 0;
  const size_t search_end = tokens_.empty() ? 0 : text.size();
  for (size_t at = 0; at < search_end; ++at) {
    if (!starts_[static_cast<unsigned char>(text[at])]) {
      continue;
    }
    size_t length = 0;
    const AddedToken* const token = LongestAt(text, at, length);
    if (token == nullptr) {
      continue;
    }
    size_t begin = at;
    size_t end = at + length;
    at = end - 1;
    if (token->single_word && TouchesWord(text, begin, end)) {
      continue;
    }
    if (token->lstrip) {
      begin = SkipSpaceBefore(text, begin, covered);
    }
    if (token->rstrip) {
      end = SkipSpaceAfter(text, end);
    }
    begin = std::max(begin, covered);
    if (begin >= end) {
      continue;  // swallowed as whitespace of the token before
    }
    if (covered < begin) {
      out.push_back({covered, begin, nullptr});
    }
    out.push_back({begin, end, token});
    covered = end;
  }
  if (covered < text.size()) {
    out.push_back({covered, text.size(), nullptr});
  }
}

Result<std::vector<AddedToken>> AddedTokens::Parse(io::JsonView json, std::string_view where) {
  std::vector<AddedToken> tokens;
  if (!json.is_array()) {
    return InvalidArgument(Format("{}: expected an array, found {}", where, json.TypeName()));
  }
  PODIUM_RETURN_IF_ERROR(json.ForEachElement([&](io::JsonView element) {
    AddedToken token;
    PODIUM_ASSIGN_OR_RETURN(const std::string_view content,
                            io::ViewGet<std::string_view>(element, "content", where));
    const std::string place = Format("{}: \"{}\"", where, content);
    PODIUM_ASSIGN_OR_RETURN(const int64_t id, io::ViewGet<int64_t>(element, "id", place));
    if (id < 0 || id > Vocabulary::kMaxId) {
      return InvalidArgument(
          Format("{}: id {} is not from 0 to {}", place, id, Vocabulary::kMaxId));
    }
    token.content = content;
    token.id = static_cast<int32_t>(id);
    PODIUM_ASSIGN_OR_RETURN(token.special, io::ViewGetOr(element, "special", false, place));
    PODIUM_ASSIGN_OR_RETURN(token.single_word, io::ViewGetOr(element, "single_word", false, place));
    PODIUM_ASSIGN_OR_RETURN(token.lstrip, io::ViewGetOr(element, "lstrip", false, place));
    PODIUM_ASSIGN_OR_RETURN(token.rstrip, io::ViewGetOr(element, "rstrip", false, place));
    PODIUM_ASSIGN_OR_RETURN(token.normalized,
                            io::ViewGetOr(element, "normalized", !token.special, place));
    if (!token.content.empty()) {
      tokens.push_back(std::move(token));
    }
    return Status::Ok();
  }));
  return tokens;
}

Status AddedTokens::Init(std::vector<AddedToken> tokens, const Model& model,
                         const Normalizer* normalizer, std::string_view where) {
  tokens_ = std::move(tokens);
  int64_t next_id = static_cast<int64_t>(model.vocabulary().count());
  for (AddedToken& token : tokens_) {
    const std::optional<int32_t> known =
        ids_.Find(token.content) ? ids_.Find(token.content) : model.TokenToId(token.content);
    const auto given = known ? int64_t{*known} : next_id;
    if (given > Vocabulary::kMaxId) {
      return InvalidArgument(Format("{}: more than {} tokens", where, Vocabulary::kMaxId + 1));
    }
    if (given != token.id) {
      Log(LogLevel::kWarning, "{}: added token \"{}\" has id {} in the file but gets {}", where,
          token.content, token.id, given);
    }
    token.id = static_cast<int32_t>(given);
    next_id = std::max(next_id, given + 1);
    ids_.InsertOrAssign(token.content, token.id);
  }
  for (const AddedToken& token : tokens_) {
    const auto index = static_cast<size_t>(token.id);
    by_id_.resize(std::max(by_id_.size(), index + 1), nullptr);
    by_id_[index] = &token;
  }
  // Special tokens come first, so that of two with one spelling the special one is found.
  std::vector<const AddedToken*> plain;
  std::vector<const AddedToken*> normalized;
  std::vector<std::string> plain_forms;
  std::vector<std::string> normalized_forms;
  AlignedText form;
  for (const bool special : {true, false}) {
    for (const AddedToken& token : tokens_) {
      if (token.special != special) {
        continue;
      }
      form.Assign(token.content, 0);
      if (token.normalized && normalizer != nullptr) {
        normalizer->Normalize(form);
      }
      (token.normalized ? normalized : plain).push_back(by_id_[static_cast<size_t>(token.id)]);
      (token.normalized ? normalized_forms : plain_forms).emplace_back(form.bytes());
    }
  }
  plain_.Build(std::move(plain), std::move(plain_forms));
  normalized_.Build(std::move(normalized), std::move(normalized_forms));
  return Status::Ok();
}

const AddedToken* AddedTokens::FindById(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < by_id_.size() ? by_id_[static_cast<size_t>(id)]
                                                            : nullptr;
}

}  // namespace podium::text
