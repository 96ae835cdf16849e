// JSON values, read with errors that name the place. The one door to nlohmann-json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "podium/status.h"

#include "base/format.h"

namespace podium::io {

// Keeps the order of keys in the text, so that what is written back reads as it was.
using Json = nlohmann::ordered_json;

// Deepest nesting that is read: a parsed value is destroyed recursively.
constexpr int kMaxJsonDepth = 200;

// Parses one JSON value. `name` (a file, "request body") heads every error, which gives line and
// column. Nesting deeper than kMaxJsonDepth is refused.
Result<Json> ParseJson(std::string_view text, std::string_view name);

// ParseJson of a whole file; the path is the name.
Result<Json> ReadJsonFile(const std::filesystem::path& path);

// indent < 0: one line. Invalid UTF-8 in strings becomes U+FFFD.
std::string DumpJson(const Json& value, int indent = -1);

// "a string", "an integer", "an object", … for error messages.
std::string_view JsonTypeName(const Json& value);

// The value under `key` of the object as a T (bool, integer, floating-point or std::string). A
// missing key, a value of another type or an integer out of range: InvalidArgument headed by
// `where`.
template <typename T>
Result<T> JsonGet(const Json& object, std::string_view key, std::string_view where);

// As JsonGet, but a missing key or null gives `fallback`.
template <typename T>
Result<T> JsonGetOr(const Json& object, std::string_view key, T fallback, std::string_view where) {
  if (!object.is_object()) {
    return InvalidArgument(Format("{}: expected an object, found {}", where, JsonTypeName(object)));
  }
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) {
    return fallback;
  }
  return JsonGet<T>(object, key, where);
}

extern template Result<bool> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<int64_t> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<int32_t> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<uint64_t> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<uint32_t> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<double> JsonGet(const Json&, std::string_view, std::string_view);
extern template Result<std::string> JsonGet(const Json&, std::string_view, std::string_view);

}  // namespace podium::io
