#include "podium/reranker.h"

#include <utility>

#include "rerank/cross_encoder.h"

namespace podium {

std::string_view ScoreSpaceName(ScoreSpace space) {
  switch (space) {
    case ScoreSpace::kModel: return "model";
    case ScoreSpace::kRaw: return "raw";
    case ScoreSpace::kSigmoid: return "sigmoid";
  }
  return "unknown";
}

Result<std::unique_ptr<Reranker>> LoadReranker(const std::string& model,
                                               const RerankerOptions& options) {
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<rerank::CrossEncoder> encoder,
                          rerank::CrossEncoder::Load(model, options));
  return std::unique_ptr<Reranker>(std::move(encoder));
}

}  // namespace podium
