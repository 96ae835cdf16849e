// RoBERTa, XLM-RoBERTa (the BGE rerankers) and CamemBERT: BERT with positions counted from the pad
// id and a classification head of its own. Their pooler exists only in bare encoders.
#include "nn/models/family.h"

namespace podium::nn {
namespace {

Family RobertaLike(std::string model_type, const std::string& class_prefix, int64_t vocab_size) {
  Family family = BertFamily();
  family.model_type = std::move(model_type);
  family.classifier = class_prefix + "ForSequenceClassification";
  family.encoders = {class_prefix + "Model", class_prefix + "ForMaskedLM"};
  family.prefix = "roberta.";
  family.keys.vocab_size.fallback = vocab_size;
  family.keys.padding_id.fallback = 1;
  family.position_rule = PositionRule::kSkipPadding;
  family.head = {
      .dense = "classifier.dense", .activation = Activation::kTanh, .out = "classifier.out_proj"};
  family.ignored = {"*embeddings.position_ids", "*embeddings.token_type_ids", "*pooler.",
                    "lm_head."};
  return family;
}

}  // namespace

Family RobertaFamily() {
  return RobertaLike("roberta", "Roberta", 50265);
}

Family XlmRobertaFamily() {
  return RobertaLike("xlm-roberta", "XLMRoberta", 30522);
}

Family CamembertFamily() {
  return RobertaLike("camembert", "Camembert", 30522);
}

}  // namespace podium::nn
