// A whole JSON document read fast and without change: for files of many megabytes whose objects
// have hundreds of thousands of keys (tokenizer.json). Small files are easier with io/json.h. The
// one door to simdjson.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "podium/status.h"

#include "base/format.h"

namespace podium::io {

// A value inside a JsonDocument; valid while the document lives. Cheap to copy. Strings are valid
// UTF-8 and may hold NUL.
class JsonView {
 public:
  explicit JsonView(simdjson::dom::element element) : element_(element) {}

  bool is_null() const { return element_.is_null(); }
  bool is_object() const { return element_.is_object(); }
  bool is_array() const { return element_.is_array(); }
  bool is_string() const { return element_.is_string(); }
  bool is_bool() const { return element_.is_bool(); }
  bool is_number() const { return element_.is_number(); }

  // The value as a T, where it is one: bool, int64_t, double (any number) or std::string_view.
  template <typename T>
  std::optional<T> As() const {
    T value{};
    if (element_.get(value) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return value;
  }

  // The member of an object under `key` (the first, if there are several); nullopt if there is
  // none, if it is null, or if this is no object.
  std::optional<JsonView> Find(std::string_view key) const;

  // Calls function(key, value) for each member, function(value) for each element, in the order of
  // the text. Both give Status, and the first error ends the walk. What is no object (array) has no
  // members (elements).
  template <typename Function>
  Status ForEachMember(Function&& function) const {
    simdjson::dom::object object;
    if (element_.get(object) == simdjson::SUCCESS) {
      for (const auto& field : object) {
        PODIUM_RETURN_IF_ERROR(function(field.key, JsonView(field.value)));
      }
    }
    return Status::Ok();
  }
  template <typename Function>
  Status ForEachElement(Function&& function) const {
    simdjson::dom::array array;
    if (element_.get(array) == simdjson::SUCCESS) {
      for (const simdjson::dom::element element : array) {
        PODIUM_RETURN_IF_ERROR(function(JsonView(element)));
      }
    }
    return Status::Ok();
  }
  // Members of an object or elements of an array.
  size_t size() const;

  // "a string", "an integer", "an object", … for error messages.
  std::string_view TypeName() const;

 private:
  simdjson::dom::element element_;
};

// Owns what its views show.
class JsonDocument {
 public:
  // `name` (a file) heads every error. Nesting deeper than 200 levels is refused.
  static Result<JsonDocument> Parse(std::string_view text, std::string_view name);

  JsonView root() const { return root_; }

 private:
  JsonDocument(std::unique_ptr<simdjson::dom::parser> parser, simdjson::dom::element root)
      : parser_(std::move(parser)), root_(root) {}

  std::unique_ptr<simdjson::dom::parser> parser_;
  JsonView root_;
};

// The member of an object under `key` as a T (bool, int64_t, double, std::string_view). Missing or
// of another type: InvalidArgument headed by `where`.
template <typename T>
Result<T> ViewGet(JsonView object, std::string_view key, std::string_view where);

// As ViewGet, but a missing key or null gives `fallback`.
template <typename T>
Result<T> ViewGetOr(JsonView object, std::string_view key, T fallback, std::string_view where) {
  if (object.is_object() && !object.Find(key)) {
    return fallback;
  }
  return ViewGet<T>(object, key, where);
}

extern template Result<bool> ViewGet(JsonView, std::string_view, std::string_view);
extern template Result<int64_t> ViewGet(JsonView, std::string_view, std::string_view);
extern template Result<double> ViewGet(JsonView, std::string_view, std::string_view);
extern template Result<std::string_view> ViewGet(JsonView, std::string_view, std::string_view);

}  // namespace podium::io
