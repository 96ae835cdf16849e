#include "text/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"

namespace podium::text {
namespace {

// Odd constants with about half their bits set (fractional parts of pi).
constexpr uint64_t kMix1 = 0x243F6A8885A308D3;
constexpr uint64_t kMix2 = 0x13198A2E03707344 | 1;

uint64_t Fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

uint64_t HashBytes(std::string_view bytes) {
  uint64_t hash = kMix1 ^ bytes.size();
  const char* data = bytes.data();
  size_t left = bytes.size();
  uint64_t word = 0;
  for (; left >= sizeof(word); left -= sizeof(word), data += sizeof(word)) {
    std::memcpy(&word, data, sizeof(word));
    hash = Fold(hash ^ word, kMix2);
  }
  if (left > 0) {
    word = 0;
    std::memcpy(&word, data, left);
    hash = Fold(hash ^ word, kMix2);
  }
  return Fold(hash, kMix1 | 1);
}

StringIdMap::Slot* StringIdMap::Locate(std::string_view key, uint64_t hash) {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.id < 0 || (slot.hash == hash && slot.length == key.size() &&
                        std::string_view(arena_).substr(slot.begin, slot.length) == key)) {
      return &slot;
    }
  }
}

void StringIdMap::Grow(size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id >= 0) {
      size_t at = slot.hash & mask;
      while (slots_[at].id >= 0) {
        at = (at + 1) & mask;
      }
      slots_[at] = slot;
    }
  }
}

void StringIdMap::Reserve(size_t keys) {
  constexpr size_t kFewest = 16;
  const size_t wanted = std::bit_ceil(std::max(kFewest, keys * 2));
  if (wanted > slots_.size()) {
    Grow(wanted);
  }
}

bool StringIdMap::Insert(std::string_view key, int32_t id) {
  Reserve(size_ + 1);
  const uint64_t hash = HashBytes(key);
  Slot* const slot = Locate(key, hash);
  if (slot->id >= 0) {
    return false;
  }
  *slot = {hash, arena_.size(), static_cast<uint32_t>(key.size()), id};
  arena_.append(key);
  ++size_;
  return true;
}

void StringIdMap::InsertOrAssign(std::string_view key, int32_t id) {
  if (!Insert(key, id)) {
    Locate(key, HashBytes(key))->id = id;
  }
}

std::optional<int32_t> StringIdMap::Find(std::string_view key) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  // Locate changes nothing; the cast only shares its loop.
  const Slot* const slot = const_cast<StringIdMap*>(this)->Locate(key, HashBytes(key));
  if (slot->id < 0) {
    return std::nullopt;
  }
  return slot->id;
}

void Vocabulary::Store(std::string_view token, int64_t id) {
  const auto index = static_cast<size_t>(id);
  if (spans_.size() <= index) {
    spans_.resize(index + 1);
  }
  spans_[index] = {arena_.size(), static_cast<uint32_t>(token.size()), true};
  arena_.append(token);
  ++count_;
}

Status Vocabulary::Add(std::string_view token, int64_t id, std::string_view where) {
  if (id < 0 || id > kMaxId) {
    return InvalidArgument(
        Format("{}: token \"{}\" has id {}, expected one from 0 to {}", where, token, id, kMaxId));
  }
  if (Has(static_cast<int32_t>(id))) {
    return InvalidArgument(Format("{}: tokens \"{}\" and \"{}\" both have id {}", where,
                                  Token(static_cast<int32_t>(id)), token, id));
  }
  if (!ids_.Insert(token, static_cast<int32_t>(id))) {
    return InvalidArgument(Format("{}: token \"{}\" is given twice", where, token));
  }
  Store(token, id);
  return Status::Ok();
}

Status Vocabulary::Append(std::string_view token, std::string_view where) {
  const auto id = static_cast<int64_t>(spans_.size());
  if (id > kMaxId) {
    return InvalidArgument(Format("{}: more than {} tokens", where, kMaxId + 1));
  }
  ids_.InsertOrAssign(token, static_cast<int32_t>(id));
  Store(token, id);
  return Status::Ok();
}

bool Vocabulary::Has(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < spans_.size() && spans_[static_cast<size_t>(id)].used;
}

std::string_view Vocabulary::Token(int32_t id) const {
  if (!Has(id)) {
    return {};
  }
  const Span& span = spans_[static_cast<size_t>(id)];
  return std::string_view(arena_).substr(span.begin, span.length);
}

void Vocabulary::Reserve(size_t tokens) {
  ids_.Reserve(tokens);
  spans_.reserve(tokens);
}

}  // namespace podium::text
