#include "text/bpe.h"

#include <algorithm>

#include "base/format.h"
#include "base/utf8.h"
#include "text/byte_level.h"
#include "text/byte_tokens.h"

namespace podium::text {
namespace {

class Scratch : public ModelScratch {
 public:
  BpeWord symbols;
  size_t capacity() const override { return symbols.capacity(); }
};

}  // namespace

Result<std::unique_ptr<const Model>> Bpe::Create(
    Vocabulary vocabulary, const std::vector<std::pair<std::string_view, std::string_view>>& merges,
    BpeOptions options, std::string_view where) {
  auto model = std::make_unique<Bpe>();
  model->vocabulary_ = std::move(vocabulary);
  model->options_ = std::move(options);
  PODIUM_RETURN_IF_ERROR(model->AddMerges(merges, where));
  PODIUM_RETURN_IF_ERROR(model->PrepareBytes(where));
  return std::unique_ptr<const Model>(std::move(model));
}

Status Bpe::AddMerges(const std::vector<std::pair<std::string_view, std::string_view>>& merges,
                      std::string_view where) {
  merges_.Reserve(merges.size());
  uint32_t rank = 0;
  std::string joined;
  for (const auto& [left, right] : merges) {
    const size_t prefix = options_.continuing_prefix.size();
    joined = left;
    joined += right.substr(std::min(prefix, right.size()));
    std::array<int32_t, 3> ids{};
    const std::array<std::string_view, 3> names = {left, right, joined};
    for (size_t i = 0; i < names.size(); ++i) {
      const std::optional<int32_t> id = vocabulary_.Find(names[i]);
      if (!id || left.empty() || right.empty()) {
        return InvalidArgument(
            Format("{}: merge {} (\"{}\" \"{}\"): token \"{}\" is not in the vocabulary", where,
                   rank + 1, left, right, names[i]));
      }
      ids[i] = *id;
    }
    merges_.Insert(ids[0], ids[1], {rank, ids[2]});
    ++rank;
  }
  return Status::Ok();
}

Status Bpe::PrepareBytes(std::string_view where) {
  if (options_.byte_fallback) {
    byte_ids_ = FindByteTokens(vocabulary_);
  } else if (options_.byte_level) {
    for (size_t byte = 0; byte < byte_ids_.size(); ++byte) {
      byte_ids_[byte] =
          vocabulary_.Find(ByteLevelCharacter(static_cast<unsigned char>(byte))).value_or(-1);
    }
    for (size_t id = 0; options_.ignore_merges && id < vocabulary_.id_limit(); ++id) {
      const std::string_view token = vocabulary_.Token(static_cast<int32_t>(id));
      if (const std::optional<std::string> bytes = DecodeByteLevel(token);
          bytes && !token.empty()) {
        words_.Insert(*bytes, static_cast<int32_t>(id));
      }
    }
  }
  const bool bytes = options_.byte_fallback || options_.byte_level;
  const bool spells_all =
      bytes && std::all_of(byte_ids_.begin(), byte_ids_.end(), [](int32_t id) { return id >= 0; });
  if (options_.unknown_token) {
    unknown_ = vocabulary_.Find(*options_.unknown_token);
    if (!unknown_ && !spells_all) {
      return InvalidArgument(Format("{}: the unknown token \"{}\" is not in the vocabulary", where,
                                    *options_.unknown_token));
    }
  }
  return Status::Ok();
}

std::unique_ptr<ModelScratch> Bpe::NewScratch() const {
  return std::make_unique<Scratch>();
}

void Bpe::Tokenize(std::string_view word, ModelScratch& scratch,
                   std::vector<ModelToken>& out) const {
  if (options_.ignore_merges) {
    const std::optional<int32_t> id =
        options_.byte_level ? words_.Find(word) : vocabulary_.Find(word);
    if (id) {
      out.push_back({*id, 0, static_cast<uint32_t>(word.size())});
      return;
    }
  }
  BpeWord& symbols = static_cast<Scratch&>(scratch).symbols;
  symbols.Clear();
  if (options_.byte_level) {
    SplitBytes(word, symbols);
  } else {
    SplitCharacters(word, symbols);
  }
  symbols.MergeAll(merges_);
  symbols.AppendTo(out);
}

// Lengths of symbols are counted from the front of the word, as the reference does: a character
// without any token shifts those after it.
void Bpe::SplitBytes(std::string_view word, BpeWord& symbols) const {
  uint32_t unknown_length = 0;
  const auto put_unknown = [&] {
    if (unknown_length > 0) {
      symbols.Add(*unknown_, unknown_length);
      unknown_length = 0;
    }
  };
  for (const char byte : word) {
    const int32_t id = byte_ids_[static_cast<unsigned char>(byte)];
    if (id >= 0) {
      put_unknown();
      symbols.Add(id, 1);
    } else if (unknown_) {
      if (!options_.fuse_unknown) {
        put_unknown();
      }
      ++unknown_length;
    }
  }
  put_unknown();
}

void Bpe::SplitCharacters(std::string_view word, BpeWord& symbols) const {
  uint32_t unknown_length = 0;
  const auto put_unknown = [&] {
    if (unknown_length > 0) {
      symbols.Add(*unknown_, unknown_length);
      unknown_length = 0;
    }
  };
  std::string spelling;
  for (size_t at = 0; at < word.size();) {
    const uint32_t length = DecodeUtf8(word, at).length;
    std::string_view character = word.substr(at, length);
    const bool first = at == 0;
    at += length;
    const bool last = at == word.size();
    if ((!first && !options_.continuing_prefix.empty()) || (last && !options_.end_suffix.empty())) {
      spelling = first ? std::string() : options_.continuing_prefix;
      spelling += character;
      spelling += last ? options_.end_suffix : std::string();
      character = spelling;
    }
    if (const std::optional<int32_t> id = vocabulary_.Find(character)) {
      put_unknown();
      symbols.Add(*id, length);
      continue;
    }
    const bool by_bytes =
        options_.byte_fallback && std::all_of(character.begin(), character.end(), [&](char byte) {
          return byte_ids_[static_cast<unsigned char>(byte)] >= 0;
        });
    if (by_bytes) {
      // An unknown character before stays pending, and so moves behind: the reference does so.
      for (const char byte : character) {
        symbols.Add(byte_ids_[static_cast<unsigned char>(byte)], 1);
      }
    } else if (unknown_) {
      if (!options_.fuse_unknown) {
        put_unknown();
      }
      unknown_length += length;
    }
  }
  put_unknown();
}

}  // namespace podium::text
