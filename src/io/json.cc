#include "io/json.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "io/file.h"

namespace podium::io {
namespace {

// "line 3, column 7" of a byte offset.
std::string Place(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return Format("line {}, column {}", line, column);
}

// The deepest nesting of brackets outside strings: checked before parsing, since a parsed value is
// destroyed recursively.
bool TooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) {
        return true;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

template <typename T>
constexpr std::string_view kWanted = std::is_same_v<T, bool>       ? "true or false"
                                     : std::is_floating_point_v<T> ? "a number"
                                     : std::is_integral_v<T>       ? "an integer"
                                                                   : "a string";

template <typename T>
bool Fits(const Json& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value.is_boolean();
  } else if constexpr (std::is_floating_point_v<T>) {
    return value.is_number();
  } else if constexpr (std::is_integral_v<T>) {
    if (value.is_number_unsigned()) {
      return std::in_range<T>(value.get<uint64_t>());
    }
    return value.is_number_integer() && std::in_range<T>(value.get<int64_t>());
  } else {
    return value.is_string();
  }
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view name) {
  if (TooDeep(text)) {
    return InvalidArgument(Format("{}: JSON nested deeper than {} levels", name, kMaxJsonDepth));
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    std::string_view reason = error.what();
    // The library heads its message with "[json.exception…] parse error at line L, column C: ".
    const size_t colon = reason.find(": ");
    if (colon != std::string_view::npos) {
      reason.remove_prefix(colon + 2);
    }
    return InvalidArgument(Format("{}: {}: {}", name, Place(text, error.byte), reason));
  } catch (const nlohmann::json::exception& error) {
    return InvalidArgument(Format("{}: {}", name, error.what()));
  }
}

Result<Json> ReadJsonFile(const std::filesystem::path& path) {
  PODIUM_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  return ParseJson(file.bytes(), path.string());
}

std::string DumpJson(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string_view JsonTypeName(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null: return "null";
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "an array";
    case Json::value_t::string: return "a string";
    case Json::value_t::boolean: return "true or false";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return "an integer";
    case Json::value_t::number_float: return "a number";
    default: return "something else";
  }
}

template <typename T>
Result<T> JsonGet(const Json& object, std::string_view key, std::string_view where) {
  if (!object.is_object()) {
    return InvalidArgument(Format("{}: expected an object, found {}", where, JsonTypeName(object)));
  }
  const auto found = object.find(key);
  if (found == object.end()) {
    return InvalidArgument(Format("{}: \"{}\" is missing", where, key));
  }
  if (!Fits<T>(*found)) {
    const bool out_of_range = std::is_integral_v<T> && found->is_number_integer();
    return InvalidArgument(
        Format("{}: \"{}\" must be {}, found {}", where, key, kWanted<T>,
               out_of_range ? found->dump() : std::string(JsonTypeName(*found))));
  }
  return found->get<T>();
}

template Result<bool> JsonGet(const Json&, std::string_view, std::string_view);
template Result<int64_t> JsonGet(const Json&, std::string_view, std::string_view);
template Result<int32_t> JsonGet(const Json&, std::string_view, std::string_view);
template Result<uint64_t> JsonGet(const Json&, std::string_view, std::string_view);
template Result<uint32_t> JsonGet(const Json&, std::string_view, std::string_view);
template Result<double> JsonGet(const Json&, std::string_view, std::string_view);
template Result<std::string> JsonGet(const Json&, std::string_view, std::string_view);

}  // namespace podium::io
