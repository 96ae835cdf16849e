// Killing `podium index` at any moment loses nothing that was committed, leaves an index that
// opens, whose stored tokens are those of its documents, and the same command run again finishes
// the work.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "podium/engine.h"

#include "base/format.h"
#include "engine/index_directory.h"
#include "engine/token_cache_reader.h"
#include "text/tokenizer.h"

namespace podium {
namespace {

constexpr int kKills = 50;
constexpr size_t kDocuments = 3000;
constexpr size_t kCommitEvery = 150;

class KillTest : public ::testing::Test {
 protected:
  KillTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
    auto tokenizer = text::Tokenizer::Load(Model());
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().ToString();
    tokenizer_ = *std::move(tokenizer);
  }
  ~KillTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path Index() const { return root_ / "index"; }
  static std::string Model() { return std::string(PODIUM_TEST_DATA) + "/golden/bert"; }

  static std::string Text(size_t i, int version) {
    std::string text = Format("passage {} version {}", i, version);
    for (size_t j = 0; j < 30; ++j) {
      text += Format(" word{}", (i * 31 + j * 17) % 5000);
    }
    return text;
  }

  // A corpus of which every version differs in every document.
  std::string WriteCorpus(int version) const {
    const std::string path = (root_ / "corpus.jsonl").string();
    std::ofstream file(path);
    for (size_t i = 0; i < kDocuments; ++i) {
      file << Format(R"({{"_id":"d{}","text":"{}"}})", i, Text(i, version)) << "\n";
    }
    return path;
  }

  // Starts `podium index`, its messages going to a file.
  pid_t Start(const std::string& corpus) const {
    const std::string index = Index().string();
    const std::string log = (root_ / "log").string();
    const std::string every = std::to_string(kCommitEvery);
    const std::string model = Model();
    const pid_t child = fork();
    if (child == 0) {
      const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
      dup2(fd, STDOUT_FILENO);
      dup2(fd, STDERR_FILENO);
      execl(PODIUM_BINARY, "podium", "index", index.c_str(), corpus.c_str(), "--commit-every",
            every.c_str(), "--threads", "2", "--tokens", model.c_str(),
            static_cast<char*>(nullptr));
      _exit(127);
    }
    return child;
  }

  // The last count of documents that the program said it had committed.
  size_t CommittedInLog() const {
    std::ifstream log(root_ / "log");
    std::string line;
    size_t committed = 0;
    const std::string words = "committed ";
    while (std::getline(log, line)) {
      const size_t at = line.find(words);
      if (at != std::string::npos && line.ends_with(" documents")) {
        committed = std::strtoull(line.c_str() + at + words.size(), nullptr, 10);
      }
    }
    return committed;
  }

  // Opens what a kill left and checks each document. `before` and `after` are the versions that a
  // document may be of; the first `committed` ones must be of the latter. Returns how many are.
  size_t Verify(int before, int after, size_t committed) const {
    const auto reader = engine::OpenIndex(Index());
    if (!reader.ok()) {
      // Killed before the index was made: nothing can have been committed.
      EXPECT_EQ(reader.status().code(), StatusCode::kNotFound) << reader.status().ToString();
      EXPECT_EQ(committed, 0U);
      EXPECT_EQ(before, 0);
      return 0;
    }
    std::map<std::string, std::string> texts;
    const Status visited = (*reader)->ForEach([&texts](uint32_t, const Document& document) {
      texts[document.id] = document.text;
      return Status::Ok();
    });
    EXPECT_TRUE(visited.ok()) << visited.ToString();
    EXPECT_EQ(texts.size(), (*reader)->documents());
    size_t new_ones = 0;
    for (size_t i = 0; i < kDocuments; ++i) {
      const auto found = texts.find(Format("d{}", i));
      const bool is_new = found != texts.end() && found->second == Text(i, after);
      const bool is_old = before == 0 ? found == texts.end()
                                      : found != texts.end() && found->second == Text(i, before);
      EXPECT_TRUE(is_new || is_old) << "document " << i;
      EXPECT_TRUE(is_new || i >= committed)
          << "document " << i << " of " << committed << " was committed and is lost";
      new_ones += is_new ? 1 : 0;
    }
    const auto hits = (*reader)->Search("passage", kDocuments);
    EXPECT_TRUE(hits.ok() && hits->size() == texts.size());
    return new_ones;
  }

  // Documents of the index with stored tokens, each of which must be what its text gives.
  size_t CountTokens() const {
    const auto reader = engine::OpenIndex(Index());
    const auto cache =
        engine::TokenCacheReader::Open(Index() / engine::TokenCacheName(tokenizer_->fingerprint()));
    if (!cache.ok()) {
      EXPECT_EQ(cache.status().code(), StatusCode::kNotFound) << cache.status().ToString();
      return 0;
    }
    size_t found = 0;
    const Status visited = (*reader)->ForEachContent([&](uint32_t docid, const Fingerprint& now) {
      const auto ids = (*cache)->Find(docid, now);
      EXPECT_TRUE(ids.ok()) << ids.status().ToString();
      if (ids.ok() && ids->has_value()) {
        const auto stored = (*reader)->GetByDocid(docid);
        EXPECT_TRUE(stored.ok());
        EXPECT_EQ(**ids, tokenizer_->Tokenize(PassageText(stored->document)).ids);
        ++found;
      }
      return Status::Ok();
    });
    EXPECT_TRUE(visited.ok()) << visited.ToString();
    return found;
  }

  std::filesystem::path root_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
};

TEST_F(KillTest, NothingCommittedIsLostAndTheNextRunFinishes) {
  int before = 0;  // version of all documents in the index; 0: none are
  int after = 1;
  std::string corpus = WriteCorpus(after);
  uint32_t random = 12345;
  size_t progress = 0;
  int finished = 0;
  int with_some_tokens = 0;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    random = random * 1664525 + 1013904223;
    // From before the first file is made to after the last commit of a run from scratch.
    constexpr uint32_t kLongestRun = 800;  // milliseconds
    const auto delay = std::chrono::milliseconds(1 + (random >> 16) % kLongestRun);
    const pid_t child = Start(corpus);
    std::this_thread::sleep_for(delay);
    kill(child, SIGKILL);
    int state = 0;
    waitpid(child, &state, 0);
    ASSERT_FALSE(WIFEXITED(state) && WEXITSTATUS(state) != 0) << "exit " << WEXITSTATUS(state);
    // What an earlier run had committed is unchanged to this one and not in its counts.
    const size_t now = Verify(before, after, std::max(progress, CommittedInLog()));
    ASSERT_GE(now, progress) << "kill " << kill_number;
    ASSERT_FALSE(HasFailure()) << "kill " << kill_number << " after " << delay.count() << " ms";
    progress = now;
    const size_t tokens = CountTokens();
    ASSERT_FALSE(HasFailure()) << "tokens after kill " << kill_number;
    with_some_tokens += tokens > 0 && tokens < kDocuments ? 1 : 0;
    if (progress == kDocuments &&
        tokens == kDocuments) {  // go on with another version of all documents
      ++finished;
      before = after++;
      corpus = WriteCorpus(after);
      progress = 0;
    }
  }
  printf("%d kills, %d complete indexes on the way, %d times tokens of some documents\n", kKills,
         finished, with_some_tokens);
  // The next run finishes the work.
  const pid_t child = Start(corpus);
  int state = 0;
  waitpid(child, &state, 0);
  ASSERT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0);
  EXPECT_EQ(Verify(before, after, kDocuments), kDocuments);
  EXPECT_EQ(CountTokens(), kDocuments);
}

}  // namespace
}  // namespace podium
