#include "eval/json_lists.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/format.h"
#include "eval/text_lines.h"
#include "io/json.h"

namespace podium::eval {
namespace {

using io::Json;

// Receives the parser's events. The names of the methods are the parser's.
// NOLINTBEGIN(readability-identifier-naming): the interface is nlohmann-json's
class Handler {
 public:
  Handler(std::string_view text, std::string_view name, const JsonListReader& reader)
      : text_(text), name_(name), reader_(reader) {}

  bool null() { return Unexpected("null"); }
  bool boolean(bool /*value*/) { return Unexpected("true or false"); }
  bool string(Json::string_t& /*value*/) { return Unexpected("a string"); }
  bool binary(Json::binary_t& /*value*/) { return Unexpected("binary data"); }
  bool start_array(size_t /*size*/) { return Unexpected("an array"); }
  bool end_array() { return true; }

  bool number_integer(Json::number_integer_t value) {
    return Number(static_cast<double>(value), true);
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return Number(static_cast<double>(value), true);
  }
  bool number_float(Json::number_float_t value, const Json::string_t& /*text*/) {
    return Number(value, false);
  }

  bool start_object(size_t /*size*/) {
    if (depth_ == kDocuments) {
      return Unexpected("an object");
    }
    ++depth_;
    if (depth_ == kDocuments) {
      reader_.on_query(query_);
    }
    return true;
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool key(Json::string_t& key) {
    (depth_ == kQueries ? query_ : document_) = key;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*token*/, const Json::exception& error) {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    std::string_view reason = error.what();
    // The library heads its message with "[json.exception…] parse error at line L, column C: ".
    if (const size_t colon = reason.find(": "); colon != std::string_view::npos) {
      reason.remove_prefix(colon + 2);
    }
    status_ = DataCorruption(Format("{}:{}: {}", name_, line, reason));
    return false;
  }

  const Status& status() const { return status_; }

 private:
  enum Depth { kTop, kQueries, kDocuments };

  bool Number(double value, bool whole) {
    if (depth_ != kDocuments) {
      return Unexpected("a number");
    }
    status_ = reader_.on_document(document_, value, whole);
    return status_.ok();
  }

  bool Unexpected(std::string_view found) {
    switch (depth_) {
      case kTop:
        status_ = DataCorruption(
            Format("{}: expected an object of queries at the top, found {}", name_, found));
        break;
      case kQueries:
        status_ = DataCorruption(Format("{}: query {}: expected an object of documents, found {}",
                                        name_, Quoted(query_), found));
        break;
      default:
        status_ = DataCorruption(Format("{}: query {}, document {}: expected a number, found {}",
                                        name_, Quoted(query_), Quoted(document_), found));
    }
    return false;
  }

  std::string_view text_;
  std::string_view name_;
  const JsonListReader& reader_;
  int depth_ = kTop;
  std::string query_;
  std::string document_;
  Status status_;
};
// NOLINTEND(readability-identifier-naming)

}  // namespace

Status ReadJsonLists(std::string_view text, std::string_view name, const JsonListReader& reader) {
  Handler handler(text, name, reader);
  Json::sax_parse(text.begin(), text.end(), &handler);
  return handler.status();
}

}  // namespace podium::eval
