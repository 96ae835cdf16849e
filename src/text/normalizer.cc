#include "text/normalizer.h"

#include "base/format.h"

namespace podium::text {

Result<std::unique_ptr<const Normalizer>> ParseNormalizer(io::JsonView json,
                                                          std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type,
                          io::ViewGet<std::string_view>(json, "type", where));
  const std::string place = Format("{}: {}", where, type);
  if (type == "BertNormalizer") {
    BertNormalizerOptions options;
    PODIUM_ASSIGN_OR_RETURN(options.clean_text, io::ViewGetOr(json, "clean_text", true, place));
    PODIUM_ASSIGN_OR_RETURN(options.handle_chinese_chars,
                            io::ViewGetOr(json, "handle_chinese_chars", true, place));
    PODIUM_ASSIGN_OR_RETURN(options.lowercase, io::ViewGetOr(json, "lowercase", true, place));
    PODIUM_ASSIGN_OR_RETURN(options.strip_accents,
                            io::ViewGetOr(json, "strip_accents", options.lowercase, place));
    return NewBertNormalizer(options);
  }
  return Unsupported(Format("{}: normalizer \"{}\" is not known", where, type));
}

}  // namespace podium::text
