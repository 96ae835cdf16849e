// MPNet: RoBERTa's positions without segments, other names inside the attention, and one learned
// bias per head and bucket of relative distance that every layer adds to its scores.
#include "nn/models/family.h"

namespace podium::nn {

Family MpnetFamily() {
  Family family = BertFamily();
  family.model_type = "mpnet";
  family.classifier = "MPNetForSequenceClassification";
  family.encoders = {"MPNetModel", "MPNetForMaskedLM"};
  family.prefix = "mpnet.";
  family.keys.vocab_size.fallback = 30527;
  family.keys.type_vocab_size = {"", 0};
  family.keys.padding_id = {"", 1};  // fixed in the reference, whatever pad_token_id says
  family.keys.bias_buckets = {"relative_attention_num_buckets", 32};
  family.position_rule = PositionRule::kSkipPadding;
  family.attention_bias = AttentionBias::kBuckets;
  EncoderNames& names = family.names;
  names.type_embedding = "";
  names.relative_bias = "encoder.relative_attention_bias";
  names.query = "encoder.layer.{}.attention.attn.q";
  names.key = "encoder.layer.{}.attention.attn.k";
  names.value = "encoder.layer.{}.attention.attn.v";
  names.attention_output = "encoder.layer.{}.attention.attn.o";
  names.attention_norm = "encoder.layer.{}.attention.LayerNorm";
  family.head = {
      .dense = "classifier.dense", .activation = Activation::kTanh, .out = "classifier.out_proj"};
  family.ignored = {"*embeddings.position_ids", "*embeddings.token_type_ids", "*pooler.",
                    "lm_head."};
  return family;
}

}  // namespace podium::nn
