// Documents from JSON lines, parsed by simdjson.
#include <array>
#include <utility>

#include <simdjson.h>

#include "base/format.h"
#include "base/utf8.h"
#include "io/document_record.h"
#include "io/json.h"

namespace podium::io {
namespace {

using simdjson::dom::element;

std::string_view TypeName(const element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY: return "an array";
    case simdjson::dom::element_type::OBJECT: return "an object";
    case simdjson::dom::element_type::STRING: return "a string";
    case simdjson::dom::element_type::BOOL: return "true or false";
    case simdjson::dom::element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

class JsonlReader : public DocumentReader {
 public:
  JsonlReader(std::unique_ptr<LineReader> lines, const DocumentReaderOptions& options)
      : lines_(std::move(lines)), names_(options), on_bad_(options.on_bad) {
    // The other fields are read again when they are stored: what would be too deep there is bad
    // here. On failure the first parse allocates again and reports it.
    [[maybe_unused]] const simdjson::error_code ignored =
        parser_.allocate(kFirstCapacity, static_cast<size_t>(kMaxJsonDepth));
  }

  Result<std::optional<Document>> Next() override {
    while (true) {
      PODIUM_ASSIGN_OR_RETURN(const std::optional<std::string_view> line, lines_->Next());
      if (!line) {
        return std::optional<Document>();
      }
      if (IsBlank(*line)) {
        continue;
      }
      Result<Document> document = Parse(*line);
      if (document.ok()) {
        return std::optional<Document>(std::move(document).value());
      }
      if (!on_bad_) {
        return std::move(document).status();
      }
      on_bad_(document.status());
    }
  }

 private:
  using Part = FieldNames::Part;
  struct Found {
    bool present = false;
    size_t rank = 0;
    element value;
  };
  using Parts = std::array<Found, 4>;  // by Part

  Result<Document> Parse(std::string_view line) {
    element root;
    const simdjson::error_code error = parser_.parse(line.data(), line.size()).get(root);
    if (error != simdjson::SUCCESS) {
      return ParseError(line, simdjson::error_message(error));
    }
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return InvalidArgument(
          Format("{}: expected a JSON object, found {}", lines_->Place(), TypeName(root)));
    }
    Parts parts;
    for (const auto field : object) {
      const FieldNames::Match match = names_.Find(field.key);
      Found& found = parts[static_cast<size_t>(match.part)];
      if (match.part != Part::kOther && (!found.present || match.rank <= found.rank)) {
        found = {true, match.rank, field.value};
      }
    }
    Document document;
    PODIUM_RETURN_IF_ERROR(TakeId(parts, document.id));
    PODIUM_RETURN_IF_ERROR(TakeString(parts, Part::kTitle, document.title));
    PODIUM_RETURN_IF_ERROR(TakeString(parts, Part::kText, document.text));
    document.fields = OtherFields(object, parts);
    // Escapes of single surrogates are well-formed JSON without being Unicode.
    if (line.find("\\u") != std::string_view::npos &&
        !(IsValidUtf8(document.id) && IsValidUtf8(document.title) && IsValidUtf8(document.text) &&
          IsValidUtf8(document.fields))) {
      return InvalidArgument(Format("{}: a \\u escape gives half a character", lines_->Place()));
    }
    return document;
  }

  // simdjson says what is wrong, the other parser also where.
  Status ParseError(std::string_view line, std::string_view reason) const {
    const std::string place = lines_->Place();
    if (!IsValidUtf8(line)) {
      return InvalidArgument(Format("{}: not UTF-8 at byte {}", place, ValidUtf8Prefix(line) + 1));
    }
    const Result<Json> parsed = ParseJson(line, place);
    if (parsed.ok()) {
      return InvalidArgument(Format("{}: {}", place, reason));
    }
    std::string message = parsed.status().message();
    const std::string line_one = place + ": line 1, ";
    if (message.starts_with(line_one)) {
      message = place + ": " + message.substr(line_one.size());
    }
    return InvalidArgument(std::move(message));
  }

  Status TakeId(const Parts& parts, std::string& id) const {
    const Found& found = parts[static_cast<size_t>(Part::kId)];
    if (!found.present) {
      return Missing("id", Part::kId);
    }
    std::string_view text;
    if (found.value.get(text) == simdjson::SUCCESS) {
      id = text;
    } else if (found.value.is_number()) {
      id = simdjson::minify(found.value);
    } else {
      return InvalidArgument(Format("{}: the id must be a string or a number, found {}",
                                    lines_->Place(), TypeName(found.value)));
    }
    return id.empty() ? InvalidArgument(Format("{}: the id is empty", lines_->Place()))
                      : Status::Ok();
  }

  Status TakeString(const Parts& parts, Part part, std::string& out) const {
    const Found& found = parts[static_cast<size_t>(part)];
    const bool is_title = part == Part::kTitle;
    if (!found.present || (is_title && found.value.is_null())) {
      return is_title ? Status::Ok() : Missing("text", part);
    }
    std::string_view text;
    if (found.value.get(text) != simdjson::SUCCESS) {
      return InvalidArgument(Format("{}: the {} must be a string, found {}", lines_->Place(),
                                    is_title ? "title" : "text", TypeName(found.value)));
    }
    out = text;
    return Status::Ok();
  }

  Status Missing(std::string_view what, Part part) const {
    return InvalidArgument(
        Format("{}: no {}: expected a field {}", lines_->Place(), what, names_.Wanted(part)));
  }

  // The members that became no part of the document, as one JSON object.
  std::string OtherFields(const simdjson::dom::object& object, const Parts& parts) const {
    std::string json;
    for (const auto field : object) {
      const FieldNames::Match match = names_.Find(field.key);
      const Found& found = parts[static_cast<size_t>(match.part)];
      if (match.part != Part::kOther && match.rank == found.rank) {
        continue;
      }
      json += json.empty() ? "{" : ",";
      json += DumpJson(Json(std::string(field.key))) + ":" + simdjson::minify(field.value);
    }
    return json.empty() ? json : json + "}";
  }

  std::unique_ptr<LineReader> lines_;
  FieldNames names_;
  std::function<void(const Status&)> on_bad_;
  static constexpr size_t kFirstCapacity = size_t{1} << 16;
  simdjson::dom::parser parser_;
};

}  // namespace

Result<std::unique_ptr<DocumentReader>> NewJsonlReader(std::unique_ptr<LineReader> lines,
                                                       const DocumentReaderOptions& options) {
  return std::unique_ptr<DocumentReader>(std::make_unique<JsonlReader>(std::move(lines), options));
}

}  // namespace podium::io
