// ELECTRA: BERT with smaller embeddings that a linear layer widens, and a head with GELU whatever
// hidden_act says.
#include "nn/models/family.h"

namespace podium::nn {

Family ElectraFamily() {
  Family family = BertFamily();
  family.model_type = "electra";
  family.classifier = "ElectraForSequenceClassification";
  family.encoders = {"ElectraModel", "ElectraForPreTraining", "ElectraForMaskedLM"};
  family.prefix = "electra.";
  family.keys.embedding_size = {"embedding_size", 128};
  family.keys.hidden_size.fallback = 256;
  family.keys.heads.fallback = 4;
  family.keys.intermediate_size.fallback = 1024;
  family.names.embedding_projection = "embeddings_project";
  family.pooler = {};
  family.head = {.dense = "classifier.dense",
                 .activation = Activation::kGeluErf,
                 .out = "classifier.out_proj"};
  family.ignored = {"*embeddings.position_ids", "*embeddings.token_type_ids",
                    "discriminator_predictions.", "generator_predictions.", "generator_lm_head."};
  return family;
}

}  // namespace podium::nn
