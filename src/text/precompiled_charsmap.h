// The character map of a SentencePiece model: a normaliser compiled to a table.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "text/normalizer.h"

namespace podium::text {

// The table: a double array that leads from UTF-8 sequences to their replacements. Immutable.
class CharsMap {
 public:
  // From the binary form: the size of the array in bytes (32 bits, little endian), the array, and
  // the replacements, each ended by NUL. DataCorruption, headed by `where`, if the sizes do not
  // fit.
  static Result<CharsMap> Parse(std::string_view blob, std::string_view where);

  // The replacement of the shortest sequence in the map that `text` starts with (as the reference
  // has it); nullopt if there is none. Lives as long as the map.
  std::optional<std::string_view> Find(std::string_view text) const;

 private:
  std::vector<uint32_t> units_;
  std::string replacements_;
};

// "Precompiled": each extended grapheme cluster of less than 6 bytes is looked up as a whole, the
// characters of others one by one.
Result<std::unique_ptr<const Normalizer>> NewPrecompiled(std::string_view base64,
                                                         std::string_view where);

Result<std::string> DecodeBase64(std::string_view text, std::string_view where);

}  // namespace podium::text
