// Opens an index that `podium index` made and answers one question:
//
//   example_search_index my-index "turn a scanned pdf into text" [MODEL_FOLDER]
//
// With a model, the first stage's candidates are reranked by it.
#include <iostream>
#include <memory>
#include <string>

#include "podium/engine.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: example_search_index INDEX QUESTION [MODEL_FOLDER]\n";
    return 2;
  }
  // One engine serves any number of questions, from any number of threads.
  podium::EngineOptions options;
  options.index = argv[1];
  if (argc > 3) {
    options.reranker = argv[3];
  }
  const podium::Result<std::unique_ptr<podium::Engine>> engine = podium::Engine::Open(options);
  if (!engine.ok()) {
    std::cerr << engine.status().ToString() << "\n";
    return 1;
  }

  podium::SearchRequest request;
  request.query = argv[2];
  request.top = 3;
  const podium::Result<podium::SearchResponse> response = (*engine)->Search(request);
  if (!response.ok()) {
    std::cerr << response.status().ToString() << "\n";
    return 1;
  }

  std::cout << (*engine)->documents() << " documents, " << response->candidates << " candidates\n";
  for (const podium::SearchResult& result : response->results) {
    std::cout << result.score << "  " << result.document.id << "  " << result.document.title;
    if (response->reranked) {
      std::cout << "  (was number " << result.first_stage_rank << ")";
    }
    std::cout << "\n";
  }
  return 0;
}
