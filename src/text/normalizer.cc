#include "text/normalizer.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "text/byte_level.h"
#include "text/precompiled_charsmap.h"
#include "text/simple_normalizers.h"

namespace podium::text {
namespace {

using NormalizerPtr = std::unique_ptr<const Normalizer>;

Result<NormalizerPtr> ParseBert(io::JsonView json, std::string_view where) {
  BertNormalizerOptions options;
  PODIUM_ASSIGN_OR_RETURN(options.clean_text, io::ViewGetOr(json, "clean_text", true, where));
  PODIUM_ASSIGN_OR_RETURN(options.handle_chinese_chars,
                          io::ViewGetOr(json, "handle_chinese_chars", true, where));
  PODIUM_ASSIGN_OR_RETURN(options.lowercase, io::ViewGetOr(json, "lowercase", true, where));
  PODIUM_ASSIGN_OR_RETURN(options.strip_accents,
                          io::ViewGetOr(json, "strip_accents", options.lowercase, where));
  return NewBertNormalizer(options);
}

Result<NormalizerPtr> ParseReplace(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> pattern = json.Find("pattern");
  if (!pattern) {
    return InvalidArgument(Format("{}: \"pattern\" is missing", where));
  }
  PODIUM_ASSIGN_OR_RETURN(const std::string text, PatternText(*pattern, where));
  PODIUM_ASSIGN_OR_RETURN(Regex regex, Regex::Compile(text, where));
  PODIUM_ASSIGN_OR_RETURN(const std::string_view content,
                          io::ViewGet<std::string_view>(json, "content", where));
  return NewReplace(std::move(regex), std::string(content));
}

Result<NormalizerPtr> ParseSequence(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> list = json.Find("normalizers");
  if (!list || !list->is_array()) {
    return InvalidArgument(Format("{}: Sequence: \"normalizers\" must be an array", where));
  }
  std::vector<NormalizerPtr> steps;
  PODIUM_RETURN_IF_ERROR(list->ForEachElement([&](io::JsonView element) {
    PODIUM_ASSIGN_OR_RETURN(NormalizerPtr step, ParseNormalizer(element, where));
    steps.push_back(std::move(step));
    return Status::Ok();
  }));
  return NewNormalizerSequence(std::move(steps));
}

// Those without options, or null.
NormalizerPtr NewPlain(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, CanonicalForm>, 4> kForms = {{
      {"NFC", CanonicalForm::kNfc},
      {"NFD", CanonicalForm::kNfd},
      {"NFKC", CanonicalForm::kNfkc},
      {"NFKD", CanonicalForm::kNfkd},
  }};
  for (const auto& [name, form] : kForms) {
    if (type == name) {
      return NewCanonicalNormalizer(form);
    }
  }
  return type == "Lowercase"      ? NewLowercase()
         : type == "StripAccents" ? NewStripAccents()
         : type == "Nmt"          ? NewNmt()
         : type == "ByteLevel"    ? NewByteLevelNormalizer()
                                  : nullptr;
}

}  // namespace

Result<NormalizerPtr> ParseNormalizer(io::JsonView json, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type,
                          io::ViewGet<std::string_view>(json, "type", where));
  const std::string place = Format("{}: {}", where, type);
  if (NormalizerPtr plain = NewPlain(type); plain != nullptr) {
    return plain;
  }
  if (type == "Sequence") {
    return ParseSequence(json, where);
  }
  if (type == "BertNormalizer") {
    return ParseBert(json, place);
  }
  if (type == "Strip") {
    PODIUM_ASSIGN_OR_RETURN(const bool left, io::ViewGetOr(json, "strip_left", true, place));
    PODIUM_ASSIGN_OR_RETURN(const bool right, io::ViewGetOr(json, "strip_right", true, place));
    return NewStrip(left, right);
  }
  if (type == "Replace") {
    return ParseReplace(json, place);
  }
  if (type == "Prepend") {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view prefix,
                            io::ViewGet<std::string_view>(json, "prepend", place));
    return NewPrepend(std::string(prefix));
  }
  if (type == "Precompiled") {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view map,
                            io::ViewGet<std::string_view>(json, "precompiled_charsmap", place));
    return NewPrecompiled(map, place);
  }
  return Unsupported(Format("{}: normalizer \"{}\" is not known", where, type));
}

}  // namespace podium::text
