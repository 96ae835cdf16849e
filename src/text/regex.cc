#include "text/regex.h"

#include <array>
#include <atomic>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/format.h"
#include "base/log.h"
#include "base/utf8.h"

namespace podium::text {
namespace {

// Far above what patterns of tokenizers need for one match, and under a second of work.
constexpr uint32_t kMatchLimit = 10'000'000;
constexpr uint32_t kHeapLimitKib = 64 * 1024;
constexpr size_t kJitStackBytes = size_t{1} << 20;

// Room for matching, one per thread; shared by all patterns, since only whole matches are asked
// for.
class MatchRoom {
 public:
  MatchRoom()
      : data_(pcre2_match_data_create(1, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(32 * 1024, kJitStackBytes, nullptr)) {
    pcre2_set_match_limit(context_, kMatchLimit);
    pcre2_set_heap_limit(context_, kHeapLimitKib);
    pcre2_jit_stack_assign(context_, nullptr, stack_);
  }
  ~MatchRoom() {
    pcre2_jit_stack_free(stack_);
    pcre2_match_context_free(context_);
    pcre2_match_data_free(data_);
  }
  MatchRoom(const MatchRoom&) = delete;
  MatchRoom& operator=(const MatchRoom&) = delete;

  pcre2_match_data* data() { return data_; }
  pcre2_match_context* context() { return context_; }

 private:
  pcre2_match_data* data_;
  pcre2_match_context* context_;
  pcre2_jit_stack* stack_;
};

MatchRoom& Room() {
  thread_local MatchRoom room;
  return room;
}

PCRE2_SPTR Bytes(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

}  // namespace

struct Regex::Code {
  explicit Code(pcre2_code* compiled) : code(compiled) {}
  ~Code() { pcre2_code_free(code); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  pcre2_code* code;
  mutable std::atomic<bool> warned = false;
};

Regex::Regex(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::Compile(std::string_view pattern, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string translated, TranslateOniguruma(pattern, where));
  int error = 0;
  PCRE2_SIZE place = 0;
  pcre2_code* const code = pcre2_compile(
      Bytes(translated), translated.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error, &place, nullptr);
  if (code == nullptr) {
    std::array<unsigned char, 256> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    return InvalidArgument(Format("{}: pattern \"{}\": {} (at byte {} of \"{}\")", where, pattern,
                                  reinterpret_cast<const char*>(message.data()), place,
                                  translated));
  }
  // Without JIT (an architecture that has none) matching is slower, not different.
  (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return Regex(std::make_unique<const Code>(code));
}

void Regex::FindAll(std::string_view text, ByteRange range, std::vector<Match>& out) const {
  const std::string_view subject = text.substr(range.begin, range.end - range.begin);
  MatchRoom& room = Room();
  size_t covered = 0;
  size_t search = 0;
  bool matched_before = false;  // an empty match must not touch the match before it
  const auto put = [&](size_t begin, size_t end, bool matched) {
    out.push_back({range.begin + static_cast<uint32_t>(begin),
                   range.begin + static_cast<uint32_t>(end), matched});
  };
  while (search <= subject.size()) {
    const int result = pcre2_match(code_->code, Bytes(subject), subject.size(), search,
                                   PCRE2_NO_UTF_CHECK, room.data(), room.context());
    if (result < 0) {
      if (result != PCRE2_ERROR_NOMATCH && !code_->warned.exchange(true)) {
        Log(LogLevel::kWarning, "a pattern of the tokenizer takes too many steps on some text");
      }
      break;
    }
    const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(room.data());
    const size_t begin = ends[0];
    const size_t end = ends[1];
    if (begin > end) {
      break;  // \K in a look-ahead
    }
    if (begin == end && matched_before && begin == covered) {
      search += search < subject.size() ? DecodeUtf8(subject, search).length : 1;
      continue;
    }
    if (covered < begin) {
      put(covered, begin, false);
    }
    put(begin, end, true);
    covered = end;
    search = end;
    matched_before = true;
  }
  if (covered < subject.size()) {
    put(covered, subject.size(), false);
  }
}

}  // namespace podium::text
