// Any bytes given as JSON are either a value, which survives being written and read again, or an
// error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "io/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const podium::Result<podium::io::Json> value = podium::io::ParseJson(text, "input");
  if (!value.ok()) {
    return 0;
  }
  const podium::Result<podium::io::Json> again =
      podium::io::ParseJson(podium::io::DumpJson(*value), "output");
  if (!again.ok()) {
    std::abort();
  }
  return 0;
}
