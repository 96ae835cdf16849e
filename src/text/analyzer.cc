#include "text/analyzer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/format.h"
#include "base/utf8.h"
#include "io/json.h"
#include "text/word_breaker.h"

namespace podium::text {
namespace {

constexpr std::string_view kRules = "unicode-1";
constexpr std::string_view kNoLanguage = "none";

// The default stop set of Lucene's EnglishAnalyzer (facts of its behaviour, not its code), sorted.
constexpr std::array<std::string_view, 33> kEnglishStopWords = {
    "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
    "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};
static_assert(std::is_sorted(kEnglishStopWords.begin(), kEnglishStopWords.end()));

bool IsEnglishStopWord(std::string_view word) {
  return std::binary_search(kEnglishStopWords.begin(), kEnglishStopWords.end(), word);
}

bool IsEnglish(std::string_view language) {
  return language == "english" || language == "porter";
}

bool IsApostrophe(char32_t c) {
  return c == '\'' || c == 0x2019 || c == 0xFF07;
}

// Canonical composition of a lower-cased word; the word as it is if it has nothing to compose.
void Compose(std::string& word) {
  utf8proc_uint8_t* composed = nullptr;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(word.data());
  const utf8proc_ssize_t length =
      utf8proc_map(bytes, static_cast<utf8proc_ssize_t>(word.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (length >= 0) {
    word.assign(reinterpret_cast<const char*>(composed), static_cast<size_t>(length));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): utf8proc hands out malloc'd memory
  std::free(composed);
}

// Lower case, apostrophes as ASCII, no format characters, composed.
void NormalizeWord(std::string_view word, std::string& out) {
  constexpr char32_t kFirstCombining = 0x300;
  out.clear();
  bool compose = false;
  for (size_t i = 0; i < word.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(word, i);
    i += decoded.length;
    const auto c = static_cast<utf8proc_int32_t>(decoded.code_point);
    if (IsApostrophe(decoded.code_point)) {
      out.push_back('\'');
    } else if (utf8proc_category(c) != UTF8PROC_CATEGORY_CF) {
      AppendUtf8(static_cast<char32_t>(utf8proc_tolower(c)), out);
      compose = compose || decoded.code_point >= kFirstCombining;
    }
  }
  if (compose) {
    Compose(out);
  }
}

void NormalizeAscii(std::string_view word, std::string& out) {
  out.resize(word.size());
  std::transform(word.begin(), word.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

// Remembers what words became. Direct-mapped: a slot holds the last word that fell into it, word
// and term end to end in one cache line. 16 Ki slots (1 MiB, within an L2 cache) hold the words
// that make up nearly all of a text.
class TermCache {
 public:
  TermCache() : slots_(kSlots) {}

  // The term of `word` ("" for a dropped word) or nullptr-data if it is not remembered.
  std::string_view Find(std::string_view word, size_t hash) const {
    const Slot& slot = slots_[hash % kSlots];
    if (slot.word_size == word.size() &&
        std::memcmp(slot.bytes.data(), word.data(), word.size()) == 0) {
      return {slot.bytes.data() + slot.word_size, slot.term_size};
    }
    return {};
  }

  void Insert(std::string_view word, std::string_view term, size_t hash) {
    Slot& slot = slots_[hash % kSlots];
    if (word.size() + term.size() > slot.bytes.size()) {
      return;
    }
    slot.word_size = static_cast<uint8_t>(word.size());
    slot.term_size = static_cast<uint8_t>(term.size());
    std::memcpy(slot.bytes.data(), word.data(), word.size());
    if (!term.empty()) {
      std::memcpy(slot.bytes.data() + word.size(), term.data(), term.size());
    }
  }

  static size_t Hash(std::string_view word) {
    constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
    uint64_t hash = word.size();
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= word.size(); i += sizeof(uint64_t)) {
      uint64_t chunk = 0;
      std::memcpy(&chunk, word.data() + i, sizeof(chunk));
      hash = (hash ^ chunk) * kMultiplier;
      hash ^= hash >> 32;
    }
    uint64_t tail = 0;
    if (i < word.size()) {
      std::memcpy(&tail, word.data() + i, word.size() - i);
    }
    hash = (hash ^ tail) * kMultiplier;
    return static_cast<size_t>(hash ^ (hash >> 32));
  }

 private:
  static constexpr size_t kSlots = size_t{1} << 14;
  struct Slot {
    uint8_t word_size = 0;  // 0: empty, as no word is
    uint8_t term_size = 0;
    std::array<char, 62> bytes = {};
  };
  static_assert(sizeof(Slot) == 64);

  std::vector<Slot> slots_;
};

struct StemmerDeleter {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, StemmerDeleter>;

}  // namespace

// What one thread needs to turn words into terms.
class Analyzer::Worker {
 public:
  explicit Worker(const AnalyzerSpec& spec)
      : english_(IsEnglish(spec.language)), stop_words_(english_ && spec.stop_words) {
    if (spec.language != kNoLanguage) {
      stemmer_.reset(sb_stemmer_new(spec.language.c_str(), nullptr));
    }
  }

  // The term of a word, valid until the next call; empty if the word is dropped.
  std::string_view TermOf(std::string_view word, bool ascii) {
    if (ascii) {
      NormalizeAscii(word, normal_);
    } else {
      NormalizeWord(word, normal_);
    }
    if (stemmer_ == nullptr) {
      return normal_;
    }
    const size_t hash = TermCache::Hash(normal_);
    const std::string_view cached = cache_.Find(normal_, hash);
    if (cached.data() != nullptr) {
      return cached;
    }
    const std::string_view term = Derive(normal_);
    cache_.Insert(normal_, term, hash);
    return term;
  }

 private:
  std::string_view Derive(std::string_view word) {
    if (english_ && word.ends_with("'s")) {
      word.remove_suffix(2);
    }
    if (stop_words_ && IsEnglishStopWord(word)) {
      return {};
    }
    const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
    const sb_symbol* stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
    if (stem == nullptr) {
      return word;
    }
    return {reinterpret_cast<const char*>(stem),
            static_cast<size_t>(sb_stemmer_length(stemmer_.get()))};
  }

  const bool english_;
  const bool stop_words_;
  Stemmer stemmer_;
  TermCache cache_;
  std::string normal_;
};

struct Analyzer::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Worker>> idle;
};

// Borrows a worker for the length of one call.
class Analyzer::Lease {
 public:
  explicit Lease(const Analyzer& analyzer) : pool_(*analyzer.pool_) {
    {
      const std::lock_guard lock(pool_.mutex);
      if (!pool_.idle.empty()) {
        worker_ = std::move(pool_.idle.back());
        pool_.idle.pop_back();
      }
    }
    if (worker_ == nullptr) {
      worker_ = std::make_unique<Worker>(analyzer.spec_);
    }
  }
  ~Lease() {
    const std::lock_guard lock(pool_.mutex);
    pool_.idle.push_back(std::move(worker_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Worker& worker() { return *worker_; }

 private:
  Pool& pool_;
  std::unique_ptr<Worker> worker_;
};

std::string AnalyzerSpec::ToJson() const {
  io::Json json;
  json["words"] = kRules;
  json["language"] = language;
  json["stop_words"] = stop_words;
  return io::DumpJson(json);
}

Result<AnalyzerSpec> AnalyzerSpec::FromJson(std::string_view json, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const io::Json value, io::ParseJson(json, where));
  PODIUM_ASSIGN_OR_RETURN(const auto rules, io::JsonGet<std::string>(value, "words", where));
  if (rules != kRules) {
    return Unsupported(
        Format("{}: word rules \"{}\" are unknown to this version, which knows \"{}\"", where,
               rules, kRules));
  }
  AnalyzerSpec spec;
  PODIUM_ASSIGN_OR_RETURN(spec.language, io::JsonGet<std::string>(value, "language", where));
  PODIUM_ASSIGN_OR_RETURN(spec.stop_words, io::JsonGet<bool>(value, "stop_words", where));
  return spec;
}

std::vector<std::string> Analyzer::Languages() {
  std::vector<std::string> names = {std::string(kNoLanguage)};
  for (const char** name = sb_stemmer_list(); *name != nullptr; ++name) {
    names.emplace_back(*name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Analyzer::Analyzer(AnalyzerSpec spec) : spec_(std::move(spec)), pool_(std::make_unique<Pool>()) {}
Analyzer::~Analyzer() = default;

Result<std::unique_ptr<const Analyzer>> Analyzer::Create(const AnalyzerSpec& spec) {
  const std::vector<std::string> languages = Languages();
  if (!std::binary_search(languages.begin(), languages.end(), spec.language)) {
    std::string known;
    for (const std::string& name : languages) {
      known += (known.empty() ? "" : ", ") + name;
    }
    return InvalidArgument(
        Format("unknown language \"{}\": expected one of {}", spec.language, known));
  }
  return std::unique_ptr<const Analyzer>(new Analyzer(spec));
}

void Analyzer::ForEach(
    std::string_view text,
    const std::function<void(std::string_view term, ByteRange range)>& visit) const {
  text = text.substr(0, std::numeric_limits<uint32_t>::max());
  Lease lease(*this);
  WordBreaker words(text);
  ByteRange word;
  while (words.Next(word)) {
    const std::string_view term =
        lease.worker().TermOf(text.substr(word.begin, word.end - word.begin), words.ascii());
    if (!term.empty()) {
      visit(term, word);
    }
  }
}

std::vector<Term> Analyzer::Analyze(std::string_view text) const {
  std::vector<Term> terms;
  ForEach(text, [&terms](std::string_view term, ByteRange range) {
    terms.push_back({std::string(term), range});
  });
  return terms;
}

}  // namespace podium::text
