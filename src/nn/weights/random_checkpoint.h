// Checkpoints with random weights in Hugging Face's layout, for tests and benchmarks: what counts
// there is the shape.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::nn {

struct RandomCheckpoint {
  std::string family = "bert";  // a model_type of nn/models/family.h
  bool classifier = true;       // with its sequence-classification head; else the bare encoder
  size_t labels = 1;
  size_t vocab_size = 30522;
  size_t positions = 512;  // tokens of the longest sequence
  size_t hidden_size = 384;
  size_t layers = 6;
  size_t heads = 12;
  size_t intermediate_size = 1536;
  // Rounding of the weights shifts all logits alike, by 0 to 0.6 % of their spread in bf16, as the
  // seed has it; with this one by little in the shapes below.
  uint64_t seed = 2;
};

// cross-encoder/ms-marco-MiniLM-L6-v2 and all-MiniLM-L6-v2: 22.7 M parameters.
RandomCheckpoint MiniLmL6Shape();
// bert-base and bge-reranker-base without its large vocabulary: 109 M parameters.
RandomCheckpoint BertBaseShape();

// The shapes that benchmarks name: minilm-l6, minilm-l12, bert-base, bge-base and bge-large (the
// BAAI/bge-reranker models, XLM-RoBERTa with its vocabulary of 250,002: 278 M and 560 M
// parameters), and tiny, which is for tests. nullopt for another name.
std::optional<RandomCheckpoint> ShapeFromName(std::string_view name);
std::vector<std::string> ShapeNames();

// Writes config.json and model.safetensors into `dir`, which is made if needed. The same
// description gives the same bytes on every machine. InvalidArgument: an unknown family.
Status WriteRandomCheckpoint(const RandomCheckpoint& shape, const std::filesystem::path& dir);

}  // namespace podium::nn
