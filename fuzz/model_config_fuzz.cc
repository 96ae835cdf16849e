// Any bytes given as config.json are either a description whose sizes are sane, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "io/json.h"
#include "nn/models/model_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const podium::Result<podium::io::Json> json = podium::io::ParseJson(text, "input");
  if (!json.ok()) {
    return 0;
  }
  const podium::Result<podium::nn::ModelConfig> config =
      podium::nn::ParseModelConfig(*json, "input");
  if (!config.ok()) {
    if (config.status().message().empty()) {
      std::abort();
    }
    return 0;
  }
  const podium::nn::EncoderSpec& spec = config->encoder;
  if (spec.heads == 0 || spec.hidden_size % spec.heads != 0 || spec.max_positions() == 0 ||
      spec.max_positions() > spec.position_rows || spec.padding_id < 0) {
    std::abort();
  }
  return 0;
}
