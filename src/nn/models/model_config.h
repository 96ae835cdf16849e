// config.json of a Hugging Face model, checked: what the reference would build from it, or an error
// that names the key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/json.h"
#include "nn/models/encoder_spec.h"
#include "nn/models/family.h"

namespace podium::nn {

// What a model returns per sequence.
enum class ModelTask : uint8_t {
  kClassify,  // one logit per label
  kEmbed,     // a vector
};

// What turns a cross-encoder's logits into the score that its authors publish.
enum class ScoreActivation : uint8_t { kIdentity, kSigmoid, kSoftmax };

struct ModelConfig {
  const Family* family = nullptr;  // never null; lives as long as the program
  std::string architecture;        // as the file names it, or the family's own where it names none
  ModelTask task = ModelTask::kEmbed;
  EncoderSpec encoder;
  std::vector<std::string> labels;  // of a classifier
  // The class that the file wants on logits ("torch.nn.modules.linear.Identity") and the key that
  // said so; both empty where it says nothing.
  std::string score_activation;
  std::string score_activation_key;
};

// Unsupported: a family, architecture, activation or variant (relative positions, decoder,
// quantised) that Podium does not run. InvalidArgument: a value of the wrong type or out of range.
// `name` (the file) heads every message.
Result<ModelConfig> ParseModelConfig(const io::Json& config, std::string_view name);

// The activation for `labels` outputs by the rules of sentence-transformers: `class_name` if it is
// one of torch's, else sigmoid for one label and identity for more (also where it is empty).
// Unsupported, headed by `where`: a torch class other than Identity, Sigmoid and Softmax.
Result<ScoreActivation> ResolveScoreActivation(std::string_view class_name, size_t labels,
                                               std::string_view where);

std::string_view ScoreActivationName(ScoreActivation activation);

}  // namespace podium::nn
