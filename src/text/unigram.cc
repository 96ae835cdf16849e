#include "text/unigram.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "text/byte_tokens.h"

namespace podium::text {
namespace {

// An unknown character scores this much less than the worst token.
constexpr double kUnknownPenalty = 10.0;

// The best way to spell the word up to a place.
struct Best {
  double score = 0;
  uint32_t begin = 0;  // of the last token
  int32_t id = -1;     // of the last token; -1: no way yet
};

class Scratch : public ModelScratch {
 public:
  std::vector<Best> best;
  size_t capacity() const override { return best.capacity() * sizeof(Best); }
};

uint32_t CharacterLength(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

Result<std::unique_ptr<const Model>> Unigram::Create(Vocabulary vocabulary,
                                                     std::vector<double> scores, Options options,
                                                     std::string_view where) {
  if (!vocabulary.Has(options.unknown_id)) {
    return InvalidArgument(Format("{}: \"unk_id\" is {}, but the vocabulary has {} tokens", where,
                                  options.unknown_id, vocabulary.count()));
  }
  auto model = std::make_unique<Unigram>();
  model->vocabulary_ = std::move(vocabulary);
  model->scores_ = std::move(scores);
  model->options_ = options;
  model->unknown_score_ =
      *std::min_element(model->scores_.begin(), model->scores_.end()) - kUnknownPenalty;
  if (options.byte_fallback) {
    model->byte_ids_ = FindByteTokens(model->vocabulary_);
  }
  std::vector<std::pair<std::string_view, int32_t>> keys;
  for (size_t id = 0; id < model->vocabulary_.id_limit(); ++id) {
    keys.emplace_back(model->vocabulary_.Token(static_cast<int32_t>(id)), static_cast<int32_t>(id));
  }
  model->trie_.Build(std::move(keys));
  return std::unique_ptr<const Model>(std::move(model));
}

std::unique_ptr<ModelScratch> Unigram::NewScratch() const {
  return std::make_unique<Scratch>();
}

// Viterbi over the places of the word. Sums are taken in the order of the reference, since ties
// hang on their last bits; of equal sums the token that begins first stays.
void Unigram::Tokenize(std::string_view word, ModelScratch& scratch,
                       std::vector<ModelToken>& out) const {
  std::vector<Best>& best = static_cast<Scratch&>(scratch).best;
  const auto size = static_cast<uint32_t>(word.size());
  best.assign(word.size() + 1, {});
  const auto offer = [&](uint32_t begin, uint32_t end, int32_t id, double score) {
    Best& target = best[end];
    if (target.id < 0 || score > target.score) {
      target = {score, begin, id};
    }
  };
  for (uint32_t begin = 0; begin < size;) {
    const double score = best[begin].score;
    const uint32_t character_end = std::min(size, begin + CharacterLength(word[begin]));
    bool single = false;
    int32_t node = Trie::kRoot;
    for (uint32_t at = begin; at < size;) {
      node = trie_.Step(node, static_cast<unsigned char>(word[at]));
      if (node == Trie::kNoNode) {
        break;
      }
      ++at;
      const int32_t id = trie_.Value(node);
      if (id != Trie::kNoValue) {
        offer(begin, at, id, scores_[static_cast<size_t>(id)] + score);
        single = single || at == character_end;
      }
    }
    if (!single) {
      offer(begin, character_end, options_.unknown_id, unknown_score_ + score);
    }
    begin = character_end;
  }
  // The path is read from its end: tokens are put in that order and turned round.
  const size_t first = out.size();
  for (uint32_t end = size; end > 0;) {
    uint32_t begin = best[end].begin;
    if (best[end].id == options_.unknown_id) {
      while (begin > 0 && best[begin].id == options_.unknown_id) {
        begin = best[begin].begin;  // neighbours that are unknown make one token
      }
      const size_t unknown_first = out.size();
      PutUnknown(word, begin, end, out);
      std::reverse(out.begin() + static_cast<ptrdiff_t>(unknown_first), out.end());
    } else {
      out.push_back({best[end].id, begin, end});
    }
    end = begin;
  }
  std::reverse(out.begin() + static_cast<ptrdiff_t>(first), out.end());
}

void Unigram::PutUnknown(std::string_view word, uint32_t begin, uint32_t end,
                         std::vector<ModelToken>& out) const {
  // Joined, they may be a token after all: the unknown token's own spelling, at least.
  if (const std::optional<int32_t> id = vocabulary_.Find(word.substr(begin, end - begin))) {
    out.push_back({*id, begin, end});
    return;
  }
  if (!byte_ids_) {
    out.push_back({options_.unknown_id, begin, end});
    return;
  }
  const std::string_view bytes = word.substr(begin, end - begin);
  const bool spelled = std::all_of(bytes.begin(), bytes.end(), [&](char byte) {
    return (*byte_ids_)[static_cast<unsigned char>(byte)] >= 0;
  });
  if (!spelled) {
    out.push_back({options_.unknown_id, begin, end});
    return;
  }
  for (const char byte : bytes) {
    out.push_back({(*byte_ids_)[static_cast<unsigned char>(byte)], begin, end});
  }
}

}  // namespace podium::text
