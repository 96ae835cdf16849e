// Runs a harness without libFuzzer: on every file of the named folders as it is, cut short, and
// with single bytes changed. Deterministic. A finding shows as a crash or a sanitizer's report.
#include <stdio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kChanges = 100;  // of each kind for every seed

void RunOne(const std::string& bytes) {
  // A copy of exactly this size, so that the address sanitizer sees a read past the end.
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

size_t RunSeed(const std::string& seed) {
  RunOne(seed);
  std::minstd_rand random;  // fixed start: the same changes on every machine
  const size_t changes = std::min(kChanges, seed.size());
  for (size_t i = 0; i < changes; ++i) {
    const size_t cut = changes < kChanges ? i : random() % seed.size();
    RunOne(seed.substr(0, cut));
    std::string changed = seed;
    changed[random() % changed.size()] = static_cast<char>(random());
    RunOne(changed);
  }
  return 1 + 2 * changes;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    fprintf(stderr, "usage: %s FOLDER_WITH_SEEDS…\n", argv[0]);
    return 2;
  }
  size_t inputs = 0;
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    inputs += RunSeed({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
  printf("%zu seeds, %zu inputs\n", files.size(), inputs);
  return 0;
}
