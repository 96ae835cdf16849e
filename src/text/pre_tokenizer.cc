#include "text/pre_tokenizer.h"

#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "text/byte_level.h"
#include "text/character_cutters.h"
#include "text/metaspace.h"
#include "text/regex.h"
#include "text/scanner.h"
#include "text/split.h"

namespace podium::text {
namespace {

using PreTokenizerPtr = std::unique_ptr<const PreTokenizer>;

class Sequence : public PreTokenizer {
 public:
  explicit Sequence(std::vector<PreTokenizerPtr> steps) : steps_(std::move(steps)) {}

  void Cut(CutText& text) const override {
    for (const PreTokenizerPtr& step : steps_) {
      step->Cut(text);
    }
  }

 private:
  std::vector<PreTokenizerPtr> steps_;
};

// Cuts where a pattern matches (or, inverted, where it does not).
class Split : public PreTokenizer {
 public:
  Split(Regex regex, SplitBehavior behavior, bool invert)
      : regex_(std::move(regex)), behavior_(behavior), invert_(invert) {}

  void Cut(CutText& text) const override {
    text.cut.clear();
    for (const ByteRange piece : text.pieces) {
      text.matches.clear();
      regex_.FindAll(text.text.bytes(), piece, text.matches);
      if (invert_) {
        for (Match& match : text.matches) {
          match.matched = !match.matched;
        }
      }
      ApplySplit(text.matches, behavior_, text.cut);
    }
    text.pieces.swap(text.cut);
  }

 private:
  Regex regex_;
  SplitBehavior behavior_;
  bool invert_;
};

// A Split whose pattern matches everywhere and is known by heart.
class ScannerSplit : public PreTokenizer {
 public:
  explicit ScannerSplit(const Scanner& scanner) : scanner_(scanner) {}

  void Cut(CutText& text) const override {
    text.cut.clear();
    for (const ByteRange piece : text.pieces) {
      scanner_.Cut(text.text.bytes(), piece, text.cut);
    }
    text.pieces.swap(text.cut);
  }

 private:
  Scanner scanner_;
};

Result<PreTokenizerPtr> ParseSplit(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> pattern = json.Find("pattern");
  if (!pattern) {
    return InvalidArgument(Format("{}: \"pattern\" is missing", where));
  }
  PODIUM_ASSIGN_OR_RETURN(const std::string_view behavior_name,
                          io::ViewGet<std::string_view>(json, "behavior", where));
  PODIUM_ASSIGN_OR_RETURN(const SplitBehavior behavior, ParseSplitBehavior(behavior_name, where));
  PODIUM_ASSIGN_OR_RETURN(const bool invert, io::ViewGetOr(json, "invert", false, where));
  PODIUM_ASSIGN_OR_RETURN(const std::string text, PatternText(*pattern, where));
  if (behavior == SplitBehavior::kIsolated && !invert) {
    if (const std::optional<Scanner> scanner = Scanner::ForPattern(text)) {
      return PreTokenizerPtr(std::make_unique<ScannerSplit>(*scanner));
    }
  }
  PODIUM_ASSIGN_OR_RETURN(Regex regex, Regex::Compile(text, where));
  return PreTokenizerPtr(std::make_unique<Split>(std::move(regex), behavior, invert));
}

// One character given as a string.
Result<std::string> OneCharacter(io::JsonView json, std::string_view key, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view text,
                          io::ViewGet<std::string_view>(json, key, where));
  if (text.empty() || DecodeUtf8(text, 0).length != text.size()) {
    return InvalidArgument(
        Format("{}: \"{}\" must be one character, found \"{}\"", where, key, text));
  }
  return std::string(text);
}

Result<PreTokenizerPtr> ParseMetaspace(io::JsonView json, std::string_view where) {
  MetaspaceOptions options;
  PODIUM_ASSIGN_OR_RETURN(options.replacement, OneCharacter(json, "replacement", where));
  PODIUM_ASSIGN_OR_RETURN(options.split, io::ViewGetOr(json, "split", true, where));
  // Older files have add_prefix_space alone.
  PODIUM_ASSIGN_OR_RETURN(const bool add_prefix_space,
                          io::ViewGetOr(json, "add_prefix_space", true, where));
  PODIUM_ASSIGN_OR_RETURN(
      const std::string_view scheme,
      io::ViewGetOr(json, "prepend_scheme", std::string_view(add_prefix_space ? "always" : "never"),
                    where));
  if (scheme == "always") {
    options.prepend = PrependScheme::kAlways;
  } else if (scheme == "first") {
    options.prepend = PrependScheme::kFirst;
  } else if (scheme == "never") {
    options.prepend = PrependScheme::kNever;
  } else {
    return Unsupported(Format("{}: prepend_scheme \"{}\" is not known", where, scheme));
  }
  if (!add_prefix_space && options.prepend != PrependScheme::kNever) {
    return InvalidArgument(
        Format("{}: add_prefix_space false contradicts prepend_scheme \"{}\"", where, scheme));
  }
  return NewMetaspace(std::move(options));
}

Result<PreTokenizerPtr> ParseSequence(io::JsonView json, bool byte_level, std::string_view where) {
  const std::optional<io::JsonView> list = json.Find("pretokenizers");
  if (!list || !list->is_array()) {
    return InvalidArgument(Format("{}: Sequence: \"pretokenizers\" must be an array", where));
  }
  std::vector<PreTokenizerPtr> steps;
  const size_t count = list->size();
  PODIUM_RETURN_IF_ERROR(list->ForEachElement([&](io::JsonView element) {
    const bool last = steps.size() + 1 == count;
    PODIUM_ASSIGN_OR_RETURN(PreTokenizerPtr step,
                            ParsePreTokenizer(element, byte_level && last, where));
    steps.push_back(std::move(step));
    return Status::Ok();
  }));
  return PreTokenizerPtr(std::make_unique<Sequence>(std::move(steps)));
}

Result<PreTokenizerPtr> ParseByteLevel(io::JsonView json, bool byte_level, std::string_view where) {
  ByteLevelOptions options;
  PODIUM_ASSIGN_OR_RETURN(options.add_prefix_space,
                          io::ViewGetOr(json, "add_prefix_space", true, where));
  PODIUM_ASSIGN_OR_RETURN(options.use_regex, io::ViewGetOr(json, "use_regex", true, where));
  options.write_characters = !byte_level;
  return NewByteLevel(options);
}

}  // namespace

bool EndsInByteLevel(io::JsonView json) {
  const std::optional<io::JsonView> type = json.Find("type");
  if (!type || type->As<std::string_view>() != "Sequence") {
    return type && type->As<std::string_view>() == "ByteLevel";
  }
  bool last = false;
  if (const std::optional<io::JsonView> list = json.Find("pretokenizers")) {
    const Status ok = list->ForEachElement([&](io::JsonView element) {
      last = EndsInByteLevel(element);
      return Status::Ok();
    });
    last = last && ok.ok();
  }
  return last;
}

Result<PreTokenizerPtr> ParsePreTokenizer(io::JsonView json, bool byte_level,
                                          std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type,
                          io::ViewGet<std::string_view>(json, "type", where));
  const std::string place = Format("{}: {}", where, type);
  if (type == "Sequence") {
    return ParseSequence(json, byte_level, where);
  }
  if (type == "BertPreTokenizer") {
    return NewBertPreTokenizer();
  }
  if (type == "Whitespace") {
    return NewWhitespace();
  }
  if (type == "WhitespaceSplit") {
    return NewWhitespaceSplit();
  }
  if (type == "ByteLevel") {
    return ParseByteLevel(json, byte_level, place);
  }
  if (type == "Metaspace") {
    return ParseMetaspace(json, place);
  }
  if (type == "Split") {
    return ParseSplit(json, place);
  }
  if (type == "Punctuation") {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view name,
                            io::ViewGetOr(json, "behavior", std::string_view("Isolated"), place));
    PODIUM_ASSIGN_OR_RETURN(const SplitBehavior behavior, ParseSplitBehavior(name, place));
    return NewPunctuation(behavior);
  }
  if (type == "Digits") {
    PODIUM_ASSIGN_OR_RETURN(const bool individual,
                            io::ViewGetOr(json, "individual_digits", false, place));
    return NewDigits(individual);
  }
  if (type == "CharDelimiterSplit") {
    PODIUM_ASSIGN_OR_RETURN(const std::string delimiter, OneCharacter(json, "delimiter", place));
    return NewCharDelimiterSplit(DecodeUtf8(delimiter, 0).code_point);
  }
  return Unsupported(Format("{}: pre-tokenizer \"{}\" is not known", where, type));
}

}  // namespace podium::text
