#include "lexical/schema.h"

#include <algorithm>

#include "base/format.h"
#include "io/json.h"

namespace podium::lexical {
namespace {

constexpr char kRecordVersion = 1;
constexpr size_t kHexBytes = 32;

void AppendLength(size_t length, std::string& out) {
  uint64_t rest = length;
  while (rest >= 0x80) {
    out.push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out.push_back(static_cast<char>(rest));
}

// Takes one length-prefixed string off the front of `data`; false if it is cut short.
bool TakeString(std::string_view& data, std::string& out) {
  uint64_t length = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (data.empty()) {
      return false;
    }
    const auto byte = static_cast<unsigned char>(data.front());
    data.remove_prefix(1);
    length |= uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) {
      if (length > data.size()) {
        return false;
      }
      out.assign(data.substr(0, length));
      data.remove_prefix(length);
      return true;
    }
  }
  return false;
}

void AddFilterTerms(const std::string& path, const io::Json& value,
                    std::vector<std::string>& terms) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      AddFilterTerms(path.empty() ? name : path + "." + name, member, terms);
    }
  } else if (value.is_array()) {
    for (const io::Json& item : value) {
      if (!item.is_structured()) {
        AddFilterTerms(path, item, terms);
      }
    }
  } else if (value.is_string()) {
    terms.push_back(FilterTerm(path, value.get_ref<const std::string&>()));
  } else if (!value.is_null()) {
    terms.push_back(FilterTerm(path, io::DumpJson(value)));
  }
}

}  // namespace

std::string StoredTerm(std::string_view term) {
  const auto nuls = static_cast<size_t>(std::count(term.begin(), term.end(), '\0'));
  if (term.size() + nuls <= kMaxTermBytes) {
    return std::string(term);
  }
  // Half the room for the prefix leaves space for it even if every byte is NUL.
  constexpr size_t kPrefix = (kMaxTermBytes - kHexBytes) / 2;
  return std::string(term.substr(0, kPrefix)) + FingerprintOf(term).ToHex();
}

std::string IdTerm(std::string_view id) {
  return StoredTerm("Q" + std::string(id));
}

std::string FilterTerm(std::string_view field, std::string_view value) {
  // The length makes ("a:b", "c") and ("a", "b:c") different terms.
  return StoredTerm(Format("X{}:{}:{}", field.size(), field, value));
}

Result<std::vector<std::string>> FilterTerms(std::string_view fields, std::string_view where) {
  std::vector<std::string> terms;
  if (fields.empty()) {
    return terms;
  }
  PODIUM_ASSIGN_OR_RETURN(const io::Json json, io::ParseJson(fields, where));
  if (!json.is_object()) {
    return InvalidArgument(
        Format("{}: fields must be a JSON object, found {}", where, io::JsonTypeName(json)));
  }
  AddFilterTerms("", json, terms);
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

std::string EncodeRecord(const Document& document) {
  constexpr size_t kRoomForLengths = 32;
  std::string data;
  data.reserve(document.title.size() + document.text.size() + document.fields.size() +
               kRoomForLengths);
  data.push_back(kRecordVersion);
  for (const std::string* part : {&document.title, &document.text, &document.fields}) {
    AppendLength(part->size(), data);
    data += *part;
  }
  return data;
}

Status DecodeRecord(std::string_view data, Document& document) {
  if (data.empty() || data.front() != kRecordVersion) {
    return DataCorruption(
        Format("a stored document starts with byte {}, expected {}",
               data.empty() ? -1 : static_cast<int>(static_cast<unsigned char>(data.front())),
               static_cast<int>(kRecordVersion)));
  }
  data.remove_prefix(1);
  for (std::string* part : {&document.title, &document.text, &document.fields}) {
    if (!TakeString(data, *part)) {
      return DataCorruption("a stored document is cut short");
    }
  }
  return data.empty()
             ? Status::Ok()
             : DataCorruption(Format("a stored document has {} bytes too many", data.size()));
}

std::string RecordKey(uint32_t docid) {
  std::string key = "r";
  for (int shift = 24; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>((docid >> shift) & 0xFF));
  }
  return key;
}

Fingerprint ContentFingerprint(const Document& document) {
  return FingerprintOf(EncodeRecord(document));
}

std::string IndexState::ToJson() const {
  io::Json json;
  json["version"] = kSchemaVersion;
  json["generation"] = generation;
  json["analyzer"] = analyzer.ToJson();
  return io::DumpJson(json);
}

Result<IndexState> IndexState::FromJson(std::string_view json, std::string_view where) {
  if (json.empty()) {
    return InvalidArgument(Format("{}: a Xapian database, but not one that Podium made", where));
  }
  PODIUM_ASSIGN_OR_RETURN(const io::Json value, io::ParseJson(json, where));
  PODIUM_ASSIGN_OR_RETURN(const auto version, io::JsonGet<int32_t>(value, "version", where));
  if (version != kSchemaVersion) {
    return Unsupported(Format("{}: schema version {}, this program reads version {}", where,
                              version, kSchemaVersion));
  }
  IndexState state;
  PODIUM_ASSIGN_OR_RETURN(state.generation, io::JsonGet<uint64_t>(value, "generation", where));
  PODIUM_ASSIGN_OR_RETURN(const auto analyzer, io::JsonGet<std::string>(value, "analyzer", where));
  PODIUM_ASSIGN_OR_RETURN(state.analyzer, text::AnalyzerSpec::FromJson(analyzer, where));
  return state;
}

}  // namespace podium::lexical
