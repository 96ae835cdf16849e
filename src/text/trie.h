// Strings in a double array: finds every key that starts at a place of a text, shortest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace podium::text {

// Immutable after Build; safe to use from many threads.
//
// The edge from node n by byte c leads to node nodes_[n].base + c + 1, if that node's parent is n.
class Trie {
 public:
  static constexpr int32_t kNoNode = -1;
  static constexpr int32_t kNoValue = -1;
  static constexpr int32_t kRoot = 0;

  // Keys with values >= 0. Of equal keys the last in `keys` counts; empty keys are left out.
  void Build(std::vector<std::pair<std::string_view, int32_t>> keys);

  int32_t Step(int32_t node, unsigned char byte) const {
    const auto next = static_cast<size_t>(nodes_[static_cast<size_t>(node)].base) + byte + 1;
    return next < nodes_.size() && nodes_[next].parent == node ? static_cast<int32_t>(next)
                                                               : kNoNode;
  }
  int32_t Value(int32_t node) const { return nodes_[static_cast<size_t>(node)].value; }
  // The node that a string leads to; kNoNode if no key starts with it.
  int32_t Walk(int32_t node, std::string_view bytes) const;
  bool empty() const { return nodes_.size() == 1; }
  // Places for nodes, free ones between them included.
  size_t slots() const { return nodes_.size(); }

 private:
  struct Node {
    int32_t base = 0;
    int32_t parent = kNoNode;  // kNoNode: free
    int32_t value = kNoValue;
  };
  friend class TrieBuilder;

  std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace podium::text
