// Writes a cross-encoder with random weights, complete with a tokenizer, for benchmarks.
//
//   make_checkpoint minilm-l6|minilm-l12|bert-base DIRECTORY TOKENIZER_JSON[.zst]
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "io/compressed.h"
#include "io/file.h"
#include "nn/weights/random_checkpoint.h"

namespace podium {
namespace {

Result<nn::RandomCheckpoint> ShapeNamed(std::string_view name) {
  nn::RandomCheckpoint shape = nn::MiniLmL6Shape();
  if (name == "minilm-l12") {
    shape.layers = 12;
  } else if (name == "bert-base") {
    shape = nn::BertBaseShape();
  } else if (name != "minilm-l6") {
    return InvalidArgument("the shape must be minilm-l6, minilm-l12 or bert-base");
  }
  return shape;
}

Status Make(std::string_view name, const std::filesystem::path& directory,
            const std::string& tokenizer) {
  PODIUM_ASSIGN_OR_RETURN(const nn::RandomCheckpoint shape, ShapeNamed(name));
  PODIUM_RETURN_IF_ERROR(nn::WriteRandomCheckpoint(shape, directory));
  PODIUM_ASSIGN_OR_RETURN(const std::string json, io::ReadMaybeCompressed(tokenizer));
  return io::WriteFileAtomic(directory / "tokenizer.json", json);
}

}  // namespace
}  // namespace podium

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr,
                 "usage: %s minilm-l6|minilm-l12|bert-base DIRECTORY TOKENIZER_JSON[.zst]\n",
                 argv[0]);
    return 2;
  }
  const podium::Status status = podium::Make(argv[1], argv[2], argv[3]);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
