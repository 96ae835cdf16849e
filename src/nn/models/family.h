// The families of encoders that Podium reads, each described in a file of its own as data: names of
// configuration keys and tensors, and the rules in which it differs from BERT.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/models/encoder_spec.h"

namespace podium::nn {

// Keys of config.json and the values that transformers assumes where one is missing. An empty key:
// the family always has the default.
struct ConfigKey {
  std::string key;
  int64_t fallback = 0;
};

struct ConfigKeys {
  ConfigKey vocab_size = {"vocab_size", 30522};
  ConfigKey type_vocab_size = {"type_vocab_size", 2};
  ConfigKey position_rows = {"max_position_embeddings", 512};
  ConfigKey embedding_size = {"", 0};  // 0: as hidden_size
  ConfigKey hidden_size = {"hidden_size", 768};
  ConfigKey layers = {"num_hidden_layers", 12};
  ConfigKey heads = {"num_attention_heads", 12};
  ConfigKey intermediate_size = {"intermediate_size", 3072};
  ConfigKey bias_buckets = {"", 0};
  ConfigKey padding_id = {"pad_token_id", 0};
  std::string activation = "hidden_act";
  std::string norm_eps = "layer_norm_eps";  // empty: always 1e-12
};

struct Family {
  std::string model_type;             // "bert", as in config.json
  std::string classifier;             // "BertForSequenceClassification"
  std::vector<std::string> encoders;  // architectures read as the bare encoder: "BertModel", …
  std::string prefix;                 // of the encoder's tensors in a task model: "bert."
  ConfigKeys keys;
  EncoderNames names;
  PositionRule position_rule = PositionRule::kSequential;
  AttentionBias attention_bias = AttentionBias::kNone;
  HeadSpec head;    // of the classifier
  HeadSpec pooler;  // dense is empty where the family has none
  // Tensors that a checkpoint may hold and that no output depends on: name prefixes, "*" first for
  // the encoder's prefix.
  std::vector<std::string> ignored;
};

Family BertFamily();
Family RobertaFamily();
Family XlmRobertaFamily();
Family CamembertFamily();
Family DistilBertFamily();
Family ElectraFamily();
Family MpnetFamily();

// All families, in the order of the list above.
std::span<const Family> Families();

// nullptr if there is none of that name.
const Family* FindFamily(std::string_view model_type);
// By a class name such as "BertModel".
const Family* FindFamilyByArchitecture(std::string_view architecture);

}  // namespace podium::nn
