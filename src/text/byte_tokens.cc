#include "text/byte_tokens.h"

#include "base/format.h"

namespace podium::text {

std::array<int32_t, 256> FindByteTokens(const Vocabulary& vocabulary) {
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < ids.size(); ++byte) {
    ids[byte] = vocabulary.Find(Format("<0x{:02X}>", byte)).value_or(-1);
  }
  return ids;
}

}  // namespace podium::text
