// BERT, and what is shaped like it: MiniLM, BGE base, the MS MARCO cross-encoders. The defaults of
// Family and EncoderNames are BERT's own; the other families start from this one.
#include "nn/models/family.h"

namespace podium::nn {

Family BertFamily() {
  Family family;
  family.model_type = "bert";
  family.classifier = "BertForSequenceClassification";
  family.encoders = {"BertModel", "BertForMaskedLM", "BertForPreTraining"};
  family.prefix = "bert.";
  // The pooler belongs to the model; the classifier reads its output.
  family.pooler = {.dense = "*pooler.dense", .activation = Activation::kTanh, .out = ""};
  family.head = {.dense = "*pooler.dense", .activation = Activation::kTanh, .out = "classifier"};
  family.ignored = {"*embeddings.position_ids", "*embeddings.token_type_ids", "*pooler.", "cls."};
  return family;
}

}  // namespace podium::nn
