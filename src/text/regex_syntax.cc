// From Oniguruma's Ruby syntax to that of PCRE2.
#include <cctype>

#include "base/format.h"
#include "text/regex.h"

namespace podium::text {
namespace {

// What stands inside a class for \s and \w. PCRE2's own \s also takes U+180E; its \w leaves out
// marks and what only Oniguruma's table of Latin-1 counts (superscripts and fractions).
constexpr std::string_view kSpaceItems =
    R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view kWordItems =
    R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})"
    R"(\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})";
constexpr std::string_view kHexItems = "0-9A-Fa-f";

class Translator {
 public:
  Translator(std::string_view pattern, std::string_view where) : pattern_(pattern), where_(where) {}

  Result<std::string> Run() {
    while (at_ < pattern_.size()) {
      PODIUM_RETURN_IF_ERROR(Next());
    }
    return std::move(out_);
  }

 private:
  bool Looking(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

  Status Next() {
    const char c = pattern_[at_];
    if (c == '\\') {
      return Escape();
    }
    if (in_class_) {
      return InClass(c);
    }
    if (c == '[') {
      in_class_ = true;
      out_ += c;
      ++at_;
      for (const char opening : {'^', ']'}) {  // a ']' in front is itself
        if (at_ < pattern_.size() && pattern_[at_] == opening) {
          out_ += opening == ']' ? "\\]" : "^";
          ++at_;
        }
      }
      return Status::Ok();
    }
    if (Looking("{,") && at_ + 2 < pattern_.size() && std::isdigit(Byte(at_ + 2)) != 0) {
      out_ += "{0,";
      at_ += 2;
      return Status::Ok();
    }
    if (Looking("(?")) {
      InlineOptions();
      return Status::Ok();
    }
    out_ += c;
    ++at_;
    return Status::Ok();
  }

  // (?mix-mix: or (?mix-mix): Ruby's m lets '.' match newlines, which is PCRE2's s.
  void InlineOptions() {
    out_ += "(?";
    at_ += 2;
    size_t end = at_;
    while (end < pattern_.size() &&
           std::string_view("mix-").find(pattern_[end]) != std::string_view::npos) {
      ++end;
    }
    if (end == pattern_.size() || (pattern_[end] != ':' && pattern_[end] != ')')) {
      return;
    }
    for (; at_ < end; ++at_) {
      out_ += pattern_[at_] == 'm' ? 's' : pattern_[at_];
    }
  }

  Status InClass(char c) {
    if (Looking("[:")) {
      const size_t close = pattern_.find(":]", at_);
      if (close != std::string_view::npos) {
        out_ += pattern_.substr(at_, close + 2 - at_);
        at_ = close + 2;
        return Status::Ok();
      }
    }
    if (c == '[' || Looking("&&")) {
      return Unsupported(
          Format("{}: pattern \"{}\": a character class within another, or their intersection, at "
                 "byte {}",
                 where_, pattern_, at_));
    }
    in_class_ = c != ']';
    out_ += c;
    ++at_;
    return Status::Ok();
  }

  Status Escape() {
    const char kind = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    const bool upper = std::isupper(static_cast<unsigned char>(kind)) != 0;
    std::string_view items;
    switch (kind) {
      case 's':
      case 'S': items = kSpaceItems; break;
      case 'w':
      case 'W': items = kWordItems; break;
      case 'h':
      case 'H': items = kHexItems; break;
      default: break;
    }
    if (items.empty() || (upper && in_class_)) {
      if (!items.empty() && kind != 'S') {
        return Unsupported(Format("{}: pattern \"{}\": \\{} in a character class, at byte {}",
                                  where_, pattern_, kind, at_));
      }
      // \S in a class stays PCRE2's, which differs in U+180E alone.
      out_ += pattern_.substr(at_, 2);
    } else if (in_class_) {
      out_ += items;
    } else {
      out_ += Format("[{}{}]", upper ? "^" : "", items);
    }
    at_ += 2;
    return Status::Ok();
  }

  unsigned char Byte(size_t at) const { return static_cast<unsigned char>(pattern_[at]); }

  std::string_view pattern_;
  std::string_view where_;
  size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

}  // namespace

Result<std::string> PatternText(io::JsonView pattern, std::string_view where) {
  if (pattern.Find("Regex")) {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view regex,
                            io::ViewGet<std::string_view>(pattern, "Regex", where));
    return std::string(regex);
  }
  if (!pattern.Find("String")) {
    return InvalidArgument(Format("{}: \"pattern\" must be a \"Regex\" or a \"String\"", where));
  }
  PODIUM_ASSIGN_OR_RETURN(const std::string_view text,
                          io::ViewGet<std::string_view>(pattern, "String", where));
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::ispunct(byte) != 0) {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

Result<std::string> TranslateOniguruma(std::string_view pattern, std::string_view where) {
  return Translator(pattern, where).Run();
}

}  // namespace podium::text
