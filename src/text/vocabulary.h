// Token strings and their ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::text {

// A map from byte strings to ids in one arena and one open-addressed table; look-ups allocate
// nothing. Immutable use from many threads is safe.
class StringIdMap {
 public:
  // Ids are non-negative. A key that is there already keeps its old id; returns false then.
  bool Insert(std::string_view key, int32_t id);
  // As Insert, but the new id replaces the old.
  void InsertOrAssign(std::string_view key, int32_t id);
  std::optional<int32_t> Find(std::string_view key) const;
  size_t size() const { return size_; }
  void Reserve(size_t keys);

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t begin = 0;
    uint32_t length = 0;
    int32_t id = -1;  // -1: free
  };
  Slot* Locate(std::string_view key, uint64_t hash);
  void Grow(size_t slots);

  std::string arena_;
  std::vector<Slot> slots_;  // a power of two
  size_t size_ = 0;
};

// The vocabulary of a model: each token has an id of its own. Ids may have holes.
class Vocabulary {
 public:
  // Ids beyond this cannot be meant: the largest vocabularies have some 260 thousand tokens.
  static constexpr int64_t kMaxId = (int64_t{1} << 22) - 1;

  // InvalidArgument headed by `where` for a negative or too large id, an id used twice or a token
  // given twice.
  Status Add(std::string_view token, int64_t id, std::string_view where);
  // Appends with the next id. A token given twice keeps both ids and is found by the later.
  Status Append(std::string_view token, std::string_view where);

  std::optional<int32_t> Find(std::string_view token) const { return ids_.Find(token); }
  // "" for an id without a token.
  std::string_view Token(int32_t id) const;
  bool Has(int32_t id) const;
  // How many tokens there are, and the least number above all ids.
  size_t count() const { return count_; }
  size_t id_limit() const { return spans_.size(); }
  void Reserve(size_t tokens);

 private:
  struct Span {
    uint64_t begin = 0;
    uint32_t length = 0;
    bool used = false;
  };
  void Store(std::string_view token, int64_t id);

  StringIdMap ids_;
  std::string arena_;
  std::vector<Span> spans_;  // by id
  size_t count_ = 0;
};

// A fast hash of bytes; not stable between builds.
uint64_t HashBytes(std::string_view bytes);

}  // namespace podium::text
