// Regular expressions as tokenizer files write them (Oniguruma, Ruby syntax), run by PCRE2.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/json_view.h"
#include "text/pre_tokenizer.h"

namespace podium::text {

// A compiled pattern. Immutable; safe to use from many threads.
class Regex {
 public:
  // InvalidArgument, headed by `where` and with the place in the pattern, for one that does not
  // compile; Unsupported for what PCRE2 would read otherwise than Oniguruma (classes in classes).
  static Result<Regex> Compile(std::string_view pattern, std::string_view where);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // Appends stretches that cover [begin, end) of `text`: matches from left to right and what lies
  // between them. The rest of the text is out of sight, also for look-around. Where a match needs
  // more steps than a sane pattern takes, what follows counts as unmatched.
  // REQUIRES: text is valid UTF-8
  void FindAll(std::string_view text, ByteRange range, std::vector<Match>& out) const;

 private:
  struct Code;
  explicit Regex(std::unique_ptr<const Code> code);
  std::unique_ptr<const Code> code_;
};

// The expression in a JSON {"Regex": expression} or {"String": text}; the text is escaped.
Result<std::string> PatternText(io::JsonView pattern, std::string_view where);

// The same pattern in the syntax of PCRE2 (to be compiled with UTF, UCP and MULTILINE).
Result<std::string> TranslateOniguruma(std::string_view pattern, std::string_view where);

}  // namespace podium::text
