// Metaspace: spaces become a visible character, which starts the words (SentencePiece).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "text/pre_tokenizer.h"

namespace podium::text {

enum class PrependScheme : uint8_t {
  kAlways,  // every piece gets a replacement in front, if it has none
  kFirst,   // only a piece at the very beginning of the text
  kNever,
};

struct MetaspaceOptions {
  std::string replacement = "\xE2\x96\x81";  // one character, U+2581
  PrependScheme prepend = PrependScheme::kAlways;
  bool split = true;
};
std::unique_ptr<const PreTokenizer> NewMetaspace(MetaspaceOptions options);

}  // namespace podium::text
