// Any bytes as a tokenizer.json: an error or a tokenizer that works.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/log.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  podium::SetLogLevel(podium::LogLevel::kOff);
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto tokenizer = podium::text::Tokenizer::FromJson(json, "fuzz.json");
  if (!tokenizer.ok()) {
    return 0;
  }
  constexpr std::string_view kText =
      "Hello,  World's [SEP] 1234 \xC3\xA9t\xC3\xA9 \xE2\x96\x81 \xE6\x97\xA5\xE6\x9C\xAC \xFF "
      "a\xCC\x81\r\n";
  const auto encoding = (*tokenizer)->EncodePair(kText, kText.substr(7), {.max_length = 20});
  if (encoding.ok()) {
    for (const int32_t id : encoding->ids) {
      (void)(*tokenizer)->IdToToken(id);
    }
  }
  return 0;
}
