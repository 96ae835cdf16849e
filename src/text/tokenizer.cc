#include "text/tokenizer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <utility>

#include "base/utf8.h"
#include "text/tokenizer_parts.h"
#include "text/truncation.h"
#include "text/unicode.h"
#include "text/word_cache.h"

namespace podium::text {
namespace {

// 2 MiB of entries: the words of a large English collection seen more than a few times.
constexpr size_t kCacheEntries = size_t{1} << 15;
// What one text may leave allocated for the next.
constexpr size_t kKeptBytes = size_t{8} << 20;

size_t ForwardCharacters(std::string_view text, size_t at, size_t end, size_t count) {
  for (; count > 0 && at < end; --count) {
    at += DecodeUtf8(text, at).length;
  }
  return std::min(at, end);
}

// The place `count` characters before `at`; `at` itself if there are not so many.
size_t BackCharacters(std::string_view text, size_t at, size_t count) {
  size_t place = at;
  for (; count > 0; --count) {
    if (place == 0) {
      return at;
    }
    --place;
    for (int i = 0; i < 3 && place > 0 && (static_cast<unsigned char>(text[place]) & 0xC0) == 0x80;
         ++i) {
      --place;
    }
  }
  return place;
}

}  // namespace

TokenSpaces CountSpaces(std::string_view token) {
  constexpr char32_t kByteLevelSpace = 0x120;
  TokenSpaces spaces;
  constexpr uint16_t kMost = UINT16_MAX;
  bool leading = true;
  for (size_t at = 0; at < token.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(token, at);
    at += decoded.length;
    if (decoded.code_point != kByteLevelSpace && !IsWhitespace(decoded.code_point)) {
      leading = false;
      spaces.trailing = 0;
      continue;
    }
    spaces.leading = leading && spaces.leading < kMost ? spaces.leading + 1 : spaces.leading;
    spaces.trailing = spaces.trailing < kMost ? spaces.trailing + 1 : spaces.trailing;
  }
  return spaces;
}

// The buffers for one text at a time, and the words seen before.
class Tokenizer::Work {
 public:
  explicit Work(const Parts& parts)
      : parts_(parts), scratch_(parts.model->NewScratch()), cache_(kCacheEntries) {}

  void Run(std::string_view text, TokenizedText& out) {
    original_ = text;
    out_ = &out;
    whole_.AssignRepaired(text, 0);
    spans_.clear();
    parts_.added.plain().Find(whole_.bytes(), spans_);
    for (const AddedTokenSpan& span : spans_) {
      if (span.token != nullptr) {
        PutAdded(*span.token, whole_, span);
      } else {
        cut_.text.AssignPart(whole_, span.begin, span.end);
        RunFragment();
      }
    }
  }

  bool Heavy() const {
    return whole_.capacity() + cut_.text.capacity() + part_.text.capacity() + scratch_->capacity() +
               tokens_.capacity() * sizeof(ModelToken) +
               cut_.pieces.capacity() * sizeof(ByteRange) >
           kKeptBytes;
  }

 private:
  // Normalises cut_.text and goes on with what is between the added tokens in it.
  void RunFragment() {
    if (parts_.normalizer != nullptr) {
      parts_.normalizer->Normalize(cut_.text);
    }
    const AddedTokenMatcher& matcher = parts_.added.normalized();
    if (!matcher.empty()) {
      inner_spans_.clear();
      matcher.Find(cut_.text.bytes(), inner_spans_);
      if (inner_spans_.size() != 1 || inner_spans_[0].token != nullptr) {
        for (const AddedTokenSpan& span : inner_spans_) {
          if (span.token != nullptr) {
            PutAdded(*span.token, cut_.text, span);
          } else {
            part_.text.AssignPart(cut_.text, span.begin, span.end);
            RunWords(part_);
          }
        }
        return;
      }
    }
    RunWords(cut_);
  }

  void RunWords(CutText& cut) {
    if (cut.text.empty()) {
      return;
    }
    cut.pieces.assign(1, {0, static_cast<uint32_t>(cut.text.size())});
    if (parts_.pre_tokenizer != nullptr) {
      parts_.pre_tokenizer->Cut(cut);
    }
    for (const ByteRange piece : cut.pieces) {
      RunWord(cut.text, piece);
    }
  }

  void RunWord(const AlignedText& text, ByteRange piece) {
    const std::string_view word = text.bytes().substr(piece.begin, piece.end - piece.begin);
    if (!WordCache::Fits(word)) {
      tokens_.clear();
      parts_.model->Tokenize(word, *scratch_, tokens_);
      PutTokens(text, piece.begin);
      return;
    }
    const WordCache::Key key = WordCache::MakeKey(text.bytes(), piece.begin, word.size());
    if (const WordCache::Entry* const entry = cache_.Find(key); entry != nullptr) {
      uint32_t begin = piece.begin;
      for (size_t i = 0; i < entry->count; ++i) {
        const uint32_t end = piece.begin + entry->ends[i];
        Put(entry->ids[i], text.Origin(begin, end));
        begin = end;
      }
      return;
    }
    tokens_.clear();
    parts_.model->Tokenize(word, *scratch_, tokens_);
    cache_.Store(key, tokens_);
    PutTokens(text, piece.begin);
  }

  void PutTokens(const AlignedText& text, uint32_t word_begin) {
    for (const ModelToken& token : tokens_) {
      Put(token.id, text.Origin(word_begin + token.begin, word_begin + token.end));
    }
  }

  void Put(int32_t id, ByteRange origin) {
    if (!parts_.spaces.empty()) {
      Trim(parts_.spaces[static_cast<size_t>(id)], origin);
    }
    out_->ids.push_back(id);
    out_->offsets.push_back(origin);
  }

  void PutAdded(const AddedToken& token, const AlignedText& text, const AddedTokenSpan& span) {
    ByteRange origin = text.Origin(span.begin, span.end);
    if (parts_.post_processor.trim_offsets) {
      Trim(CountSpaces(text.bytes().substr(span.begin, span.end - span.begin)), origin);
    }
    out_->ids.push_back(token.id);
    out_->offsets.push_back(origin);
  }

  void Trim(TokenSpaces spaces, ByteRange& origin) const {
    const bool first = out_->ids.empty() || origin.begin == 0;
    if (first && parts_.post_processor.add_prefix_space && spaces.leading == 1) {
      spaces.leading = 0;
    }
    if (spaces.leading > 0) {
      origin.begin = static_cast<uint32_t>(
          ForwardCharacters(original_, origin.begin, origin.end, spaces.leading));
    }
    if (spaces.trailing > 0) {
      const auto end =
          static_cast<uint32_t>(BackCharacters(original_, origin.end, spaces.trailing));
      origin.end = std::max(end, origin.begin);
    }
  }

  const Parts& parts_;
  std::unique_ptr<ModelScratch> scratch_;
  WordCache cache_;
  std::string_view original_;
  TokenizedText* out_ = nullptr;
  AlignedText whole_;
  CutText cut_;
  CutText part_;
  std::vector<AddedTokenSpan> spans_;
  std::vector<AddedTokenSpan> inner_spans_;
  std::vector<ModelToken> tokens_;
};

// Lends each call a Work that no other call uses, if possible the one its thread used last.
class Tokenizer::WorkPool {
 public:
  explicit WorkPool(const Parts& parts) : parts_(parts) {}
  ~WorkPool() {
    for (Slot& slot : slots_) {
      delete slot.work.load();
    }
  }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  std::unique_ptr<Work> Take() {
    const size_t home = HomeSlot();
    for (size_t i = 0; i < slots_.size(); ++i) {
      std::atomic<Work*>& slot = slots_[(home + i) % slots_.size()].work;
      if (slot.load(std::memory_order_relaxed) != nullptr) {
        if (Work* const work = slot.exchange(nullptr, std::memory_order_acquire); work != nullptr) {
          return std::unique_ptr<Work>(work);
        }
      }
    }
    return std::make_unique<Work>(parts_);
  }

  void Give(std::unique_ptr<Work> work) {
    if (work->Heavy()) {
      return;
    }
    const size_t home = HomeSlot();
    for (size_t i = 0; i < slots_.size(); ++i) {
      Work* expected = nullptr;
      if (slots_[(home + i) % slots_.size()].work.compare_exchange_strong(
              expected, work.get(), std::memory_order_release, std::memory_order_relaxed)) {
        (void)work.release();
        return;
      }
    }
  }

 private:
  struct alignas(64) Slot {
    std::atomic<Work*> work = nullptr;
  };

  static size_t HomeSlot() {
    static std::atomic<size_t> threads = 0;
    thread_local const size_t ordinal = threads.fetch_add(1, std::memory_order_relaxed);
    return ordinal;
  }

  const Parts& parts_;
  std::array<Slot, 64> slots_;  // more threads than this at once make a Work for each call
};

Tokenizer::Tokenizer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)), pool_(std::make_unique<WorkPool>(*parts_)) {}

Tokenizer::~Tokenizer() = default;

TokenizedText Tokenizer::Tokenize(std::string_view text) const {
  TokenizedText out;
  std::unique_ptr<Work> work = pool_->Take();
  work->Run(text.substr(0, UINT32_MAX), out);
  pool_->Give(std::move(work));
  return out;
}

namespace {

// What becomes of one or two texts: the template that they fill and what of them is kept.
struct Assembly {
  const Template& items;
  KeptTokens kept;
  size_t total = 0;  // tokens, special ones included
  TruncationSide side = TruncationSide::kRight;

  size_t Kept(int sequence) const { return sequence == 0 ? kept.first : kept.second; }
  // The part of a text's tokens that is kept.
  template <typename T>
  std::span<const T> Slice(std::span<const T> text, int sequence) const {
    const size_t count = Kept(sequence);
    return side == TruncationSide::kLeft ? text.last(count) : text.first(count);
  }
};

Result<Assembly> PlanAssembly(const PostProcessor& processor, size_t first,
                              std::optional<size_t> second, const Truncation& truncation) {
  const size_t special = processor.special_tokens[second ? 1 : 0];
  PODIUM_ASSIGN_OR_RETURN(const KeptTokens kept,
                          PlanTruncation(first, second, special, truncation));
  return Assembly{.items = second ? processor.pair : processor.single,
                  .kept = kept,
                  .total = kept.first + kept.second + special,
                  .side = truncation.side};
}

template <typename T>
void Append(std::span<const T> values, std::vector<T>& out) {
  out.insert(out.end(), values.begin(), values.end());
}

void FillIds(const Assembly& plan, std::span<const int32_t> first, std::span<const int32_t> second,
             ModelInput& out) {
  out.ids.reserve(plan.total);
  out.type_ids.reserve(plan.total);
  for (const TemplateItem& item : plan.items) {
    const std::span<const int32_t> ids =
        item.sequence < 0 ? item.ids
                          : plan.Slice(item.sequence == 0 ? first : second, item.sequence);
    Append(ids, out.ids);
    out.type_ids.insert(out.type_ids.end(), ids.size(), item.type_id);
  }
  out.dropped_first = first.size() - plan.kept.first;
  out.dropped_second = second.size() - plan.kept.second;
}

void FillOrigins(const Assembly& plan, std::span<const ByteRange> first,
                 std::span<const ByteRange> second, Encoding& out) {
  out.offsets.reserve(plan.total);
  out.special.reserve(plan.total);
  out.sequence.reserve(plan.total);
  uint8_t sequence = 0;
  for (const TemplateItem& item : plan.items) {
    const bool special = item.sequence < 0;
    if (special) {
      out.offsets.insert(out.offsets.end(), item.ids.size(), ByteRange{});
    } else {
      sequence = static_cast<uint8_t>(item.sequence);
      Append(plan.Slice(sequence == 0 ? first : second, sequence), out.offsets);
    }
    const size_t count = special ? item.ids.size() : plan.Kept(sequence);
    out.special.insert(out.special.end(), count, special ? 1 : 0);
    out.sequence.insert(out.sequence.end(), count, sequence);
  }
}

}  // namespace

Result<Encoding> Tokenizer::Assemble(const TokenizedText& first, const TokenizedText* second,
                                     const Truncation& truncation) const {
  const TokenizedText none;
  const TokenizedText& other = second != nullptr ? *second : none;
  PODIUM_ASSIGN_OR_RETURN(
      const Assembly plan,
      PlanAssembly(parts_->post_processor, first.ids.size(),
                   second != nullptr ? std::optional(other.ids.size()) : std::nullopt, truncation));
  Encoding out;
  FillIds(plan, first.ids, other.ids, out);
  FillOrigins(plan, first.offsets, other.offsets, out);
  return out;
}

Result<ModelInput> Tokenizer::AssembleIds(std::span<const int32_t> first,
                                          std::span<const int32_t> second,
                                          const Truncation& truncation) const {
  PODIUM_ASSIGN_OR_RETURN(const Assembly plan, PlanAssembly(parts_->post_processor, first.size(),
                                                            second.size(), truncation));
  ModelInput out;
  FillIds(plan, first, second, out);
  return out;
}

Result<Encoding> Tokenizer::Encode(std::string_view text, const Truncation& truncation) const {
  return Assemble(Tokenize(text), nullptr, truncation);
}

Result<Encoding> Tokenizer::EncodePair(std::string_view first, std::string_view second,
                                       const Truncation& truncation) const {
  const TokenizedText second_tokens = Tokenize(second);
  return Assemble(Tokenize(first), &second_tokens, truncation);
}

const Fingerprint& Tokenizer::fingerprint() const {
  return parts_->fingerprint;
}

size_t Tokenizer::SpecialTokens(bool pair) const {
  return parts_->post_processor.special_tokens[pair ? 1 : 0];
}

size_t Tokenizer::vocab_size() const {
  size_t size = parts_->model->vocabulary().id_limit();
  for (const AddedToken& token : parts_->added.tokens()) {
    size = std::max(size, static_cast<size_t>(token.id) + 1);
  }
  return size;
}

std::optional<int32_t> Tokenizer::TokenToId(std::string_view token) const {
  const std::optional<int32_t> id = parts_->added.TokenToId(token);
  return id ? id : parts_->model->TokenToId(token);
}

std::string_view Tokenizer::IdToToken(int32_t id) const {
  const AddedToken* const added = parts_->added.FindById(id);
  return added != nullptr ? std::string_view(added->content) : parts_->model->IdToToken(id);
}

std::optional<size_t> Tokenizer::model_max_length() const {
  return parts_->model_max_length;
}

}  // namespace podium::text
