// The step of a tokenizer that rewrites text before it is cut up.
#pragma once

#include <memory>
#include <string_view>

#include "podium/status.h"

#include "io/json_view.h"
#include "text/aligned_text.h"

namespace podium::text {

// Immutable; safe to use from many threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void Normalize(AlignedText& text) const = 0;
};

// The "normalizer" of a tokenizer.json. `where` (the file) heads errors; a type that is not known:
// Unsupported, naming it.
Result<std::unique_ptr<const Normalizer>> ParseNormalizer(io::JsonView json,
                                                          std::string_view where);

struct BertNormalizerOptions {
  bool clean_text = true;            // drop control characters, make all whitespace ' '
  bool handle_chinese_chars = true;  // put spaces around CJK ideographs
  bool strip_accents = true;
  bool lowercase = true;
};
std::unique_ptr<const Normalizer> NewBertNormalizer(const BertNormalizerOptions& options);

}  // namespace podium::text
