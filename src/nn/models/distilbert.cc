// DistilBERT: BERT without segments and pooler, under other names. Sinusoidal positions are a table
// in the checkpoint like any other.
#include "nn/models/family.h"

namespace podium::nn {

Family DistilBertFamily() {
  Family family = BertFamily();
  family.model_type = "distilbert";
  family.classifier = "DistilBertForSequenceClassification";
  family.encoders = {"DistilBertModel", "DistilBertForMaskedLM"};
  family.prefix = "distilbert.";
  family.keys.type_vocab_size = {"", 0};
  family.keys.hidden_size.key = "dim";
  family.keys.layers = {"n_layers", 6};
  family.keys.heads.key = "n_heads";
  family.keys.intermediate_size.key = "hidden_dim";
  family.keys.activation = "activation";
  family.keys.norm_eps = "";
  EncoderNames& names = family.names;
  names.type_embedding = "";
  names.query = "transformer.layer.{}.attention.q_lin";
  names.key = "transformer.layer.{}.attention.k_lin";
  names.value = "transformer.layer.{}.attention.v_lin";
  names.attention_output = "transformer.layer.{}.attention.out_lin";
  names.attention_norm = "transformer.layer.{}.sa_layer_norm";
  names.ffn_up = "transformer.layer.{}.ffn.lin1";
  names.ffn_down = "transformer.layer.{}.ffn.lin2";
  names.ffn_norm = "transformer.layer.{}.output_layer_norm";
  family.pooler = {};
  family.head = {.dense = "pre_classifier", .activation = Activation::kRelu, .out = "classifier"};
  family.ignored = {"*embeddings.position_ids", "*embeddings.token_type_ids", "vocab_transform.",
                    "vocab_layer_norm.", "vocab_projector."};
  return family;
}

}  // namespace podium::nn
