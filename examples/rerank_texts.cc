// Scores texts against a question with a cross-encoder, without any index:
//
//   example_rerank_texts MODEL_FOLDER "how do plants make energy" "Photosynthesis is …" "Rust is …"
#include <algorithm>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "podium/reranker.h"

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: example_rerank_texts MODEL_FOLDER QUESTION TEXT...\n";
    return 2;
  }
  // Loading maps the weights and packs them for this CPU; do it once and keep the object.
  const podium::Result<std::unique_ptr<podium::Reranker>> model = podium::LoadReranker(argv[1]);
  if (!model.ok()) {
    std::cerr << model.status().ToString() << "\n";
    return 1;
  }

  podium::RerankRequest request;
  request.query = argv[2];
  request.candidates.assign(argv + 3, argv + argc);
  const podium::Result<podium::RerankResponse> response = (*model)->Rerank(request);
  if (!response.ok()) {
    std::cerr << response.status().ToString() << "\n";
    return 1;
  }

  // Scores come in the order of the candidates: sorting is the caller's, here best first.
  std::vector<size_t> order(request.candidates.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return response->scores[a].score > response->scores[b].score;
  });
  std::cout << "scores are " << podium::ScoreSpaceName(response->space) << "\n";
  for (const size_t i : order) {
    const podium::CandidateScore& score = response->scores[i];
    if (!score.error.ok()) {
      std::cout << "  none  " << score.error.ToString();
    } else {
      std::cout << score.score << "  " << request.candidates[i];
    }
    // Nothing is cut silently.
    std::cout << (score.truncated() ? "  (cut)" : "") << "\n";
  }
  return 0;
}
