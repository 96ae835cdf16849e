#include "nn/ops/stage_clock.h"

namespace podium::nn {

std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kEmbed: return "embed";
    case Stage::kQkv: return "qkv";
    case Stage::kAttention: return "attention";
    case Stage::kAttentionOutput: return "attention_output";
    case Stage::kNorm: return "norm";
    case Stage::kFfnUp: return "ffn_up";
    case Stage::kFfnDown: return "ffn_down";
    case Stage::kHead: return "head";
  }
  return "unknown";
}

}  // namespace podium::nn
