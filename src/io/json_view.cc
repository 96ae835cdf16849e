#include "io/json_view.h"

#include <type_traits>

namespace podium::io {
namespace {

constexpr size_t kMaxDepth = 200;

template <typename T>
constexpr std::string_view kWanted = std::is_same_v<T, bool>      ? "true or false"
                                     : std::is_same_v<T, int64_t> ? "an integer"
                                     : std::is_same_v<T, double>  ? "a number"
                                                                  : "a string";

}  // namespace

Result<JsonDocument> JsonDocument::Parse(std::string_view text, std::string_view name) {
  auto parser = std::make_unique<simdjson::dom::parser>();
  simdjson::error_code error = parser->allocate(text.size(), kMaxDepth);
  simdjson::dom::element root;
  if (error == simdjson::SUCCESS) {
    error = parser->parse(text.data(), text.size()).get(root);
  }
  if (error != simdjson::SUCCESS) {
    return InvalidArgument(Format("{}: {}", name, simdjson::error_message(error)));
  }
  return JsonDocument(std::move(parser), root);
}

std::optional<JsonView> JsonView::Find(std::string_view key) const {
  simdjson::dom::element value;
  if (element_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::nullopt;
  }
  return JsonView(value);
}

size_t JsonView::size() const {
  simdjson::dom::object object;
  if (element_.get(object) == simdjson::SUCCESS) {
    return object.size();
  }
  simdjson::dom::array array;
  return element_.get(array) == simdjson::SUCCESS ? array.size() : 0;
}

std::string_view JsonView::TypeName() const {
  switch (element_.type()) {
    case simdjson::dom::element_type::ARRAY: return "an array";
    case simdjson::dom::element_type::OBJECT: return "an object";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64: return "an integer";
    case simdjson::dom::element_type::DOUBLE: return "a number";
    case simdjson::dom::element_type::STRING: return "a string";
    case simdjson::dom::element_type::BOOL: return "true or false";
    case simdjson::dom::element_type::NULL_VALUE: return "null";
  }
  return "something else";
}

template <typename T>
Result<T> ViewGet(JsonView object, std::string_view key, std::string_view where) {
  if (!object.is_object()) {
    return InvalidArgument(Format("{}: expected an object, found {}", where, object.TypeName()));
  }
  const std::optional<JsonView> member = object.Find(key);
  if (!member) {
    return InvalidArgument(Format("{}: \"{}\" is missing", where, key));
  }
  const std::optional<T> value = member->As<T>();
  if (!value) {
    return InvalidArgument(
        Format("{}: \"{}\" must be {}, found {}", where, key, kWanted<T>, member->TypeName()));
  }
  return *value;
}

template Result<bool> ViewGet(JsonView, std::string_view, std::string_view);
template Result<int64_t> ViewGet(JsonView, std::string_view, std::string_view);
template Result<double> ViewGet(JsonView, std::string_view, std::string_view);
template Result<std::string_view> ViewGet(JsonView, std::string_view, std::string_view);

}  // namespace podium::io
