// The step of a tokenizer that turns one word into tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "io/json_view.h"
#include "text/vocabulary.h"

namespace podium::text {

// A token and the bytes of its word that it stands for.
struct ModelToken {
  int32_t id = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const ModelToken&) const = default;
};

// Buffers that a model needs while it works on a word; one per thread, kept for reuse.
class ModelScratch {
 public:
  virtual ~ModelScratch() = default;
  // Bytes of memory that the buffers hold.
  virtual size_t capacity() const { return 0; }
};

// Immutable; safe to use from many threads, each with a scratch of its own.
class Model {
 public:
  virtual ~Model() = default;

  virtual std::unique_ptr<ModelScratch> NewScratch() const = 0;

  // Appends the tokens of a word. `scratch` comes from this model's NewScratch. REQUIRES: word is
  // valid UTF-8 (any bytes for a model that works on bytes), not empty, shorter than 2^32
  virtual void Tokenize(std::string_view word, ModelScratch& scratch,
                        std::vector<ModelToken>& out) const = 0;

  virtual std::optional<int32_t> TokenToId(std::string_view token) const {
    return vocabulary_.Find(token);
  }
  std::string_view IdToToken(int32_t id) const { return vocabulary_.Token(id); }
  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  Vocabulary vocabulary_;
};

// What a model needs to know of the steps before it.
struct ModelOptions {
  // Words come as raw bytes, not as the printable characters that ByteLevel writes for them.
  bool byte_level = false;
};

// The "model" of a tokenizer.json. `where` heads errors. A model of a type that is not known:
// Unsupported.
Result<std::unique_ptr<const Model>> ParseModel(io::JsonView json, const ModelOptions& options,
                                                std::string_view where);

// "BPE", "WordPiece", "WordLevel" or "Unigram" for files old and new ("type" came with 0.10).
Result<std::string_view> ModelType(io::JsonView json, std::string_view where);

}  // namespace podium::text
