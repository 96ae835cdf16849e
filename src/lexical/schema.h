// How documents lie in the Xapian database (docs/formats/index.md): terms, values, data, metadata.
// Private to the module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/document.h"
#include "podium/status.h"

#include "base/fingerprint.h"
#include "text/analyzer.h"

namespace podium::lexical {

// Version of everything below. Other versions are refused.
constexpr int kSchemaVersion = 1;

// Values of a document.
constexpr uint32_t kIdSlot = 0;           // the external id
constexpr uint32_t kFingerprintSlot = 1;  // Fingerprint::ToBytes of the content

// Longest term that Xapian's glass backend takes is 245 bytes, a NUL byte counting twice.
constexpr size_t kMaxTermBytes = 245;

// A term as it is stored: itself, or, where it would be too long, its first bytes and its
// fingerprint. Content terms hold no ASCII capitals, so the prefixes Q and X keep the kinds apart.
std::string StoredTerm(std::string_view term);

// The unique term of an external id. Two ids share one only if their fingerprints collide.
std::string IdTerm(std::string_view id);

// The boolean term of field:value.
std::string FilterTerm(std::string_view field, std::string_view value);

// The boolean terms of a document's fields: one for each scalar member and each scalar in a list;
// members of objects are named by their path, "author.name". Strings as they are, numbers and
// true/false as JSON writes them; null gives none. InvalidArgument if `fields` is neither "" nor a
// JSON object.
Result<std::vector<std::string>> FilterTerms(std::string_view fields, std::string_view where);

// Largest document, all its parts together. Larger ones would pass limits inside Xapian; a passage
// is some kilobytes.
constexpr size_t kMaxDocumentBytes = size_t{64} << 20;

// Title, text and fields (not the id: it is a value) as one string, and back.
std::string EncodeRecord(const Document& document);
Status DecodeRecord(std::string_view record, Document& document);

// Records lie, compressed, in the database's metadata under this key. Xapian's own place for them
// (the data of a document) deflates them on the thread that writes, which costs a fifth of its
// time; this way the analysing threads compress them.
std::string RecordKey(uint32_t docid);

// The fingerprint of a document's title, text and fields.
Fingerprint ContentFingerprint(const Document& document);

// What the database says of itself under the metadata key "podium": the truth that a commit moves.
struct IndexState {
  uint64_t generation = 0;  // commits so far
  text::AnalyzerSpec analyzer;

  std::string ToJson() const;
  static Result<IndexState> FromJson(std::string_view json, std::string_view where);
};
constexpr std::string_view kStateKey = "podium";

}  // namespace podium::lexical
