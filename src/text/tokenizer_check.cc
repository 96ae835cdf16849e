#include "text/tokenizer_check.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "io/json_view.h"

namespace podium::text {
namespace {

constexpr size_t kMaxDifferences = 20;

std::string Show(const std::vector<int64_t>& values) {
  std::string out;
  for (const int64_t value : values) {
    out += Format("{}{}", out.empty() ? "" : " ", value);
  }
  return out;
}

template <typename T>
std::vector<int64_t> Widen(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

// Number of code points before each byte of a text, and in all of it.
std::vector<int64_t> CodePointIndex(std::string_view text) {
  std::vector<int64_t> index(text.size() + 1);
  int64_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const uint32_t length = DecodeUtf8(text, at).length;
    std::fill_n(index.begin() + static_cast<ptrdiff_t>(at), length, count);
    at += length;
    ++count;
  }
  index[text.size()] = count;
  return index;
}

class Checker {
 public:
  Checker(const Tokenizer& tokenizer, std::string_view name) : tokenizer_(tokenizer), name_(name) {}

  Result<CheckReport> Run(io::JsonView root) {
    size_t lists = 0;
    const auto run = [&](std::string_view key, Status (Checker::*check)(io::JsonView)) -> Status {
      const std::optional<io::JsonView> list = root.Find(key);
      if (!list) {
        return Status::Ok();
      }
      if (!list->is_array()) {
        return InvalidArgument(
            Format("{}: \"{}\" must be an array, found {}", name_, key, list->TypeName()));
      }
      ++lists;
      size_t number = 0;
      return list->ForEachElement([&](io::JsonView element) {
        where_ = Format("{}: {} {}", name_, key, ++number);
        return (this->*check)(element);
      });
    };
    PODIUM_RETURN_IF_ERROR(run("strings", &Checker::CheckString));
    PODIUM_RETURN_IF_ERROR(run("pairs", &Checker::CheckPair));
    PODIUM_RETURN_IF_ERROR(run("cases", &Checker::CheckCase));
    if (lists == 0) {
      return InvalidArgument(
          Format("{}: none of \"strings\", \"pairs\" and \"cases\" is there", name_));
    }
    return std::move(report_);
  }

 private:
  CheckCount& Count(std::string_view kind) {
    for (CheckCount& count : report_.counts) {
      if (count.kind == kind) {
        return count;
      }
    }
    report_.counts.push_back({std::string(kind)});
    return report_.counts.back();
  }

  void Compare(std::string_view kind, const std::vector<int64_t>& expected,
               const std::vector<int64_t>& found) {
    CheckCount& count = Count(kind);
    ++count.total;
    if (expected == found) {
      ++count.agreed;
    } else {
      AddDifference(kind, Show(expected), Show(found));
    }
  }

  void AddDifference(std::string_view kind, std::string_view expected, std::string_view found) {
    if (report_.differences.size() < kMaxDifferences) {
      report_.differences.push_back(
          Format("{}, {}:\n  expected {}\n  found    {}", where_, kind, expected, found));
    }
  }

  // An array of integers; nullopt if there is none under the key.
  Result<std::optional<std::vector<int64_t>>> Integers(io::JsonView json, std::string_view key) {
    const std::optional<io::JsonView> list = json.Find(key);
    if (!list) {
      return std::optional<std::vector<int64_t>>();
    }
    std::vector<int64_t> values;
    bool integers = list->is_array();
    PODIUM_RETURN_IF_ERROR(list->ForEachElement([&](io::JsonView element) {
      integers = integers && element.As<int64_t>().has_value();
      values.push_back(element.As<int64_t>().value_or(0));
      return Status::Ok();
    }));
    if (!integers) {
      return InvalidArgument(Format("{}: \"{}\" must be an array of integers", where_, key));
    }
    return std::optional<std::vector<int64_t>>(std::move(values));
  }

  // As Integers, but an error if there are none.
  Result<std::vector<int64_t>> Wanted(io::JsonView json, std::string_view key) {
    PODIUM_ASSIGN_OR_RETURN(auto values, Integers(json, key));
    if (!values) {
      return InvalidArgument(Format("{}: \"{}\" is missing", where_, key));
    }
    return std::move(*values);
  }

  static std::vector<int64_t> FlatOffsets(const Encoding& encoding, std::string_view first,
                                          std::string_view second) {
    const std::vector<int64_t> index[] = {CodePointIndex(first), CodePointIndex(second)};
    std::vector<int64_t> flat;
    for (size_t i = 0; i < encoding.offsets.size(); ++i) {
      const std::vector<int64_t>& of_text = index[encoding.sequence[i]];
      flat.push_back(encoding.special[i] != 0 ? 0 : of_text[encoding.offsets[i].begin]);
      flat.push_back(encoding.special[i] != 0 ? 0 : of_text[encoding.offsets[i].end]);
    }
    return flat;
  }

  Status CheckString(io::JsonView json) {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view text,
                            io::ViewGet<std::string_view>(json, "text", where_));
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, Wanted(json, "ids"));
    PODIUM_ASSIGN_OR_RETURN(const auto offsets, Integers(json, "offsets"));
    PODIUM_ASSIGN_OR_RETURN(const auto plain_ids, Integers(json, "ids_no_special"));
    PODIUM_ASSIGN_OR_RETURN(const Encoding encoding, tokenizer_.Encode(text));
    Compare("strings: ids", ids, Widen(encoding.ids));
    if (offsets) {
      Compare("strings: offsets", *offsets, FlatOffsets(encoding, text, ""));
    }
    if (plain_ids) {
      Compare("strings: ids without special tokens", *plain_ids,
              Widen(tokenizer_.Tokenize(text).ids));
    }
    return Status::Ok();
  }

  Result<Truncation> ParseTruncation(io::JsonView json, std::string_view strategy_key) {
    Truncation truncation;
    if (!json.Find(strategy_key) && !json.Find("max_length")) {
      return truncation;
    }
    PODIUM_ASSIGN_OR_RETURN(const int64_t length, io::ViewGet<int64_t>(json, "max_length", where_));
    PODIUM_ASSIGN_OR_RETURN(const std::string_view strategy,
                            io::ViewGet<std::string_view>(json, strategy_key, where_));
    PODIUM_ASSIGN_OR_RETURN(const std::string_view side,
                            io::ViewGetOr(json, "direction", std::string_view("right"), where_));
    if (strategy == "longest_first") {
      truncation.strategy = TruncationStrategy::kLongestFirst;
    } else if (strategy == "only_first") {
      truncation.strategy = TruncationStrategy::kOnlyFirst;
    } else if (strategy == "only_second") {
      truncation.strategy = TruncationStrategy::kOnlySecond;
    } else {
      return InvalidArgument(Format("{}: strategy \"{}\" is not known", where_, strategy));
    }
    if (length < 0 || (side != "left" && side != "right" && side != "Left" && side != "Right")) {
      return InvalidArgument(
          Format("{}: max_length {} or direction \"{}\" is not possible", where_, length, side));
    }
    truncation.max_length = static_cast<size_t>(length);
    truncation.side =
        side == "left" || side == "Left" ? TruncationSide::kLeft : TruncationSide::kRight;
    return truncation;
  }

  Status CheckPair(io::JsonView json) {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view first,
                            io::ViewGet<std::string_view>(json, "a", where_));
    PODIUM_ASSIGN_OR_RETURN(const std::string_view second,
                            io::ViewGet<std::string_view>(json, "b", where_));
    PODIUM_ASSIGN_OR_RETURN(const Truncation truncation, ParseTruncation(json, "strategy"));
    const Result<Encoding> encoding = tokenizer_.EncodePair(first, second, truncation);
    if (const std::optional<io::JsonView> error = json.Find("error")) {
      CheckCount& count = Count("pairs: errors");
      ++count.total;
      if (encoding.ok()) {
        AddDifference("pairs: errors", error->As<std::string_view>().value_or("an error"),
                      Show(Widen(encoding->ids)));
      } else {
        ++count.agreed;
      }
      return Status::Ok();
    }
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, Wanted(json, "ids"));
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> types, Wanted(json, "type_ids"));
    PODIUM_ASSIGN_OR_RETURN(const auto offsets, Integers(json, "offsets"));
    if (!encoding.ok()) {
      ++Count("pairs: ids").total;
      AddDifference("pairs: ids", Show(ids), encoding.status().ToString());
      return Status::Ok();
    }
    Compare("pairs: ids", ids, Widen(encoding->ids));
    Compare("pairs: type ids", types, Widen(encoding->type_ids));
    if (offsets) {
      Compare("pairs: offsets", *offsets, FlatOffsets(*encoding, first, second));
    }
    return Status::Ok();
  }

  Status CheckCase(io::JsonView json) {
    PODIUM_ASSIGN_OR_RETURN(const std::string_view query,
                            io::ViewGet<std::string_view>(json, "query", where_));
    PODIUM_ASSIGN_OR_RETURN(const std::string_view document,
                            io::ViewGet<std::string_view>(json, "document", where_));
    PODIUM_ASSIGN_OR_RETURN(const Truncation truncation, ParseTruncation(json, "truncation"));
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, Wanted(json, "input_ids"));
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> types, Wanted(json, "token_type_ids"));
    const Result<Encoding> encoding = tokenizer_.EncodePair(query, document, truncation);
    if (!encoding.ok()) {
      ++Count("cases: ids").total;
      AddDifference("cases: ids", Show(ids), encoding.status().ToString());
      return Status::Ok();
    }
    Compare("cases: ids", ids, Widen(encoding->ids));
    Compare("cases: type ids", types, Widen(encoding->type_ids));
    return Status::Ok();
  }

  const Tokenizer& tokenizer_;
  std::string name_;
  std::string where_;
  CheckReport report_;
};

}  // namespace

bool CheckReport::ok() const {
  return std::all_of(counts.begin(), counts.end(),
                     [](const CheckCount& count) { return count.agreed == count.total; });
}

Result<CheckReport> CheckTokenizer(const Tokenizer& tokenizer, std::string_view json,
                                   std::string_view name) {
  PODIUM_ASSIGN_OR_RETURN(const io::JsonDocument document, io::JsonDocument::Parse(json, name));
  return Checker(tokenizer, name).Run(document.root());
}

}  // namespace podium::text
