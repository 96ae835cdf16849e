#include "text/tokenizer_fingerprint.h"

#include <bit>
#include <optional>

namespace podium::text {
namespace {

// What stands before a value in the fingerprint's input. Never renumber.
enum class Tag : uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInteger = 3,
  kDouble = 4,
  kString = 5,
  kArray = 6,
  kObject = 7,
};

void AddTag(Tag tag, FingerprintHasher& hasher) {
  const char byte = static_cast<char>(tag);
  hasher.Add({&byte, 1});
}

void AddString(std::string_view text, FingerprintHasher& hasher) {
  hasher.AddNumber(text.size()).Add(text);
}

// Nesting is bounded by JsonDocument.
void AddJson(io::JsonView json, FingerprintHasher& hasher) {
  if (const auto text = json.As<std::string_view>()) {
    AddTag(Tag::kString, hasher);
    AddString(*text, hasher);
  } else if (const auto flag = json.As<bool>()) {
    AddTag(*flag ? Tag::kTrue : Tag::kFalse, hasher);
  } else if (const auto integer = json.As<int64_t>()) {
    AddTag(Tag::kInteger, hasher);
    hasher.AddNumber(static_cast<uint64_t>(*integer));
  } else if (const auto number = json.As<double>()) {
    AddTag(Tag::kDouble, hasher);
    hasher.AddNumber(std::bit_cast<uint64_t>(*number));
  } else if (json.is_object()) {
    AddTag(Tag::kObject, hasher);
    hasher.AddNumber(json.size());
    (void)json.ForEachMember([&hasher](std::string_view key, io::JsonView value) {
      AddString(key, hasher);
      AddJson(value, hasher);
      return Status::Ok();
    });
  } else if (json.is_array()) {
    AddTag(Tag::kArray, hasher);
    hasher.AddNumber(json.size());
    (void)json.ForEachElement([&hasher](io::JsonView element) {
      AddJson(element, hasher);
      return Status::Ok();
    });
  } else {
    AddTag(Tag::kNull, hasher);
  }
}

}  // namespace

Fingerprint FingerprintOfJson(io::JsonView root) {
  FingerprintHasher hasher;
  hasher.AddNumber(kTokenizerRevision);
  for (const std::string_view key : {"normalizer", "pre_tokenizer", "model", "added_tokens"}) {
    AddString(key, hasher);
    if (const std::optional<io::JsonView> part = root.Find(key)) {
      AddJson(*part, hasher);
    } else {
      AddTag(Tag::kNull, hasher);
    }
  }
  return hasher.Finish();
}

Fingerprint FingerprintOfVocabulary(std::string_view file, std::string_view options) {
  FingerprintHasher hasher;
  hasher.AddNumber(kTokenizerRevision);
  AddString("vocab.txt", hasher);
  AddString(options, hasher);
  AddString(file, hasher);
  return hasher.Finish();
}

}  // namespace podium::text
