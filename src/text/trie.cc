#include "text/trie.h"

#include <algorithm>

namespace podium::text {
namespace {

using Key = std::pair<std::string_view, int32_t>;

// Keys [first, last) share their first `depth` bytes, which lead to `node`.
struct Branch {
  int32_t node;
  size_t first;
  size_t last;
  size_t depth;
};

unsigned char ByteAt(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

// Places nodes level by level. Free slots form a list in ascending order; a node's children go to
// the first place where all their slots are free, of the first kTries places tried.
class TrieBuilder {
 public:
  TrieBuilder(std::vector<Trie::Node>& nodes, std::vector<Key> keys)
      : nodes_(nodes), keys_(std::move(keys)) {}

  void Run() {
    nodes_.assign(1, {});
    nodes_[0].parent = kTaken;  // the root is nobody's child
    AddSlots(kBlock);
    several_from_ = first_free_;
    std::vector<Branch> level = {{Trie::kRoot, 0, keys_.size(), 0}};
    std::vector<Branch> next;
    while (!level.empty()) {
      next.clear();
      for (const Branch& branch : level) {
        Place(branch, next);
      }
      level.swap(next);
    }
    while (nodes_.size() > 1 && nodes_.back().parent == Trie::kNoNode) {
      nodes_.pop_back();
    }
  }

 private:
  static constexpr size_t kBlock = 512;
  static constexpr int kTries = 32;
  static constexpr int32_t kTaken = -2;

  void AddSlots(size_t count) {
    const size_t first = nodes_.size();
    nodes_.resize(first + count);
    next_free_.resize(nodes_.size(), 0);
    previous_free_.resize(nodes_.size(), 0);
    for (auto slot = static_cast<uint32_t>(first); slot < nodes_.size(); ++slot) {
      previous_free_[slot] = last_free_;
      (last_free_ == 0 ? first_free_ : next_free_[last_free_]) = slot;
      last_free_ = slot;
    }
  }

  void Take(uint32_t slot, int32_t parent) {
    nodes_[slot].parent = parent;
    const uint32_t before = previous_free_[slot];
    const uint32_t after = next_free_[slot];
    (before == 0 ? first_free_ : next_free_[before]) = after;
    (after == 0 ? last_free_ : previous_free_[after]) = before;
    if (slot == several_from_) {
      several_from_ = after;
    }
  }

  bool Fits(size_t base) {
    while (base + labels_.back() + 1 >= nodes_.size()) {
      AddSlots(kBlock);
    }
    return std::all_of(labels_.begin(), labels_.end(), [&](unsigned char label) {
      return nodes_[base + label + 1].parent == Trie::kNoNode;
    });
  }

  // A single child fills the first hole. For several the search starts further on, past holes
  // that were tried often enough.
  size_t FindBase() {
    const size_t first_label = size_t{labels_.front()} + 1;
    const bool several = labels_.size() > 1;
    uint32_t slot = several ? several_from_ : first_free_;
    for (int tries = 1;; ++tries) {
      if (slot == 0) {
        slot = static_cast<uint32_t>(nodes_.size());
        AddSlots(kBlock);
        several_from_ = several ? slot : several_from_;  // else it stays 0: a block for each node
      }
      if (slot >= first_label && Fits(slot - first_label)) {
        return slot - first_label;
      }
      slot = next_free_[slot];
      if (several && tries > kTries) {
        several_from_ = slot;
      }
    }
  }

  void Place(Branch branch, std::vector<Branch>& next) {
    while (branch.first < branch.last && keys_[branch.first].first.size() == branch.depth) {
      if (branch.depth > 0) {
        nodes_[static_cast<size_t>(branch.node)].value = keys_[branch.first].second;
      }
      ++branch.first;
    }
    labels_.clear();
    for (size_t i = branch.first; i < branch.last; ++i) {
      const unsigned char label = ByteAt(keys_[i].first, branch.depth);
      if (labels_.empty() || labels_.back() != label) {
        labels_.push_back(label);
      }
    }
    if (labels_.empty()) {
      return;
    }
    const size_t base = FindBase();
    Fits(base);  // makes room
    nodes_[static_cast<size_t>(branch.node)].base = static_cast<int32_t>(base);
    size_t first = branch.first;
    for (const unsigned char label : labels_) {
      const auto slot = static_cast<uint32_t>(base + label + 1);
      Take(slot, branch.node);
      size_t last = first;
      while (last < branch.last && ByteAt(keys_[last].first, branch.depth) == label) {
        ++last;
      }
      next.push_back({static_cast<int32_t>(slot), first, last, branch.depth + 1});
      first = last;
    }
  }

  std::vector<Trie::Node>& nodes_;
  std::vector<Key> keys_;
  std::vector<unsigned char> labels_;  // ascending
  // Doubly linked list of free slots; slot 0 is the root, so 0 ends it.
  std::vector<uint32_t> next_free_ = {0};
  std::vector<uint32_t> previous_free_ = {0};
  uint32_t first_free_ = 0;
  uint32_t last_free_ = 0;
  uint32_t several_from_ = 0;  // where the search for several slots starts
};

void Trie::Build(std::vector<Key> keys) {
  std::stable_sort(keys.begin(), keys.end(),
                   [](const Key& a, const Key& b) { return a.first < b.first; });
  TrieBuilder(nodes_, std::move(keys)).Run();
}

int32_t Trie::Walk(int32_t node, std::string_view bytes) const {
  for (const char byte : bytes) {
    if (node == kNoNode) {
      break;
    }
    node = Step(node, static_cast<unsigned char>(byte));
  }
  return node;
}

}  // namespace podium::text
