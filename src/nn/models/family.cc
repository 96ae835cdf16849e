#include "nn/models/family.h"

#include <algorithm>

namespace podium::nn {

std::span<const Family> Families() {
  static const std::vector<Family> families = {
      BertFamily(),       RobertaFamily(), XlmRobertaFamily(), CamembertFamily(),
      DistilBertFamily(), ElectraFamily(), MpnetFamily()};
  return families;
}

const Family* FindFamily(std::string_view model_type) {
  for (const Family& family : Families()) {
    if (family.model_type == model_type) {
      return &family;
    }
  }
  return nullptr;
}

const Family* FindFamilyByArchitecture(std::string_view architecture) {
  for (const Family& family : Families()) {
    if (family.classifier == architecture ||
        std::find(family.encoders.begin(), family.encoders.end(), architecture) !=
            family.encoders.end()) {
      return &family;
    }
  }
  return nullptr;
}

}  // namespace podium::nn
