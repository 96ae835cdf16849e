#include "text/trie.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace podium::text {
namespace {

TEST(Trie, FindsEveryKeyThatStartsAtAPlace) {
  const std::vector<std::pair<std::string_view, int32_t>> keys = {
      {"a", 1}, {"ab", 2}, {"abc", 3}, {"b", 4}, {std::string_view("\0\xFF", 2), 5}, {"ab", 6}};
  Trie trie;
  trie.Build(keys);
  EXPECT_EQ(trie.Value(trie.Walk(Trie::kRoot, "a")), 1);
  EXPECT_EQ(trie.Value(trie.Walk(Trie::kRoot, "ab")), 6) << "the last of equal keys counts";
  EXPECT_EQ(trie.Value(trie.Walk(Trie::kRoot, "abc")), 3);
  EXPECT_EQ(trie.Value(trie.Walk(Trie::kRoot, std::string_view("\0\xFF", 2))), 5);
  EXPECT_EQ(trie.Value(trie.Walk(Trie::kRoot, std::string_view("\0", 1))), Trie::kNoValue);
  EXPECT_EQ(trie.Walk(Trie::kRoot, "c"), Trie::kNoNode);
  EXPECT_EQ(trie.Walk(Trie::kRoot, "abcd"), Trie::kNoNode);
}

TEST(Trie, OfNothingFindsNothing) {
  Trie trie;
  trie.Build({});
  EXPECT_TRUE(trie.empty());
  EXPECT_EQ(trie.Walk(Trie::kRoot, "a"), Trie::kNoNode);
}

TEST(Trie, AgreesWithAMapOnRandomKeys) {
  std::mt19937 random(7);
  std::map<std::string, int32_t> map;
  for (int32_t i = 0; i < 5000; ++i) {
    std::string key;
    const size_t length = 1 + random() % 8;
    for (size_t j = 0; j < length; ++j) {
      key += static_cast<char>(random() % (i % 2 == 0 ? 4 : 256));
    }
    map[key] = i;
  }
  Trie trie;
  trie.Build({map.begin(), map.end()});
  for (const auto& [key, value] : map) {
    ASSERT_EQ(trie.Value(trie.Walk(Trie::kRoot, key)), value);
    const std::string longer = key + "x";
    const int32_t node = trie.Walk(Trie::kRoot, longer);
    const int32_t found = node == Trie::kNoNode ? Trie::kNoValue : trie.Value(node);
    ASSERT_EQ(found, map.contains(longer) ? map[longer] : Trie::kNoValue);
  }
}

// Sparse, it would miss the cache at every step and take seconds to build for a large vocabulary.
TEST(Trie, LeavesFewPlacesFree) {
  std::mt19937 random(11);
  std::set<std::string> words;
  std::set<std::string> prefixes = {""};
  while (words.size() < 20000) {
    std::string word;
    const size_t length = 2 + random() % 7;
    for (size_t j = 0; j < length; ++j) {
      word += static_cast<char>('a' + random() % (1 + random() % 26));
      prefixes.insert(word);
    }
    words.insert(word);
  }
  std::vector<std::pair<std::string_view, int32_t>> keys;
  for (const std::string& word : words) {
    keys.emplace_back(word, static_cast<int32_t>(keys.size()));
  }
  Trie trie;
  trie.Build(keys);
  EXPECT_GE(trie.slots(), prefixes.size());
  EXPECT_LE(trie.slots(), prefixes.size() + prefixes.size() / 10);
}

}  // namespace
}  // namespace podium::text
