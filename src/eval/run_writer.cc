#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "eval/run.h"
#include "eval/text_lines.h"

namespace podium::eval {
namespace {

constexpr std::string_view kNotInAnId{" \t\v\f\r\n\0", 7};

// What keeps an id from being a column of a run file, or "".
std::string_view Fault(std::string_view id) {
  if (id.empty()) {
    return "is empty";
  }
  return id.find_first_of(kNotInAnId) == std::string_view::npos ? ""
                                                                : "contains white space or NUL";
}

bool IsFloat(double value) {
  return static_cast<double>(static_cast<float>(value)) == value;
}

// The shortest decimal that reads back as the same T.
template <typename T>
void AppendNumber(T value, std::string& out) {
  constexpr size_t kLongest = 32;  // "-2.2250738585072014e-308" has 24
  char digits[kLongest];
  const auto [end, error] = std::to_chars(digits, digits + kLongest, value);
  out.append(digits, end);
}

Status CheckEntries(std::string_view qid, std::span<const RunEntry> entries) {
  std::unordered_set<std::string_view> seen;
  for (const RunEntry& entry : entries) {
    if (const std::string_view fault = Fault(entry.docid); !fault.empty()) {
      return InvalidArgument(Format("query {}: document id {} {}: a run file cannot hold it",
                                    Quoted(qid), Quoted(entry.docid), fault));
    }
    if (std::isnan(entry.score)) {
      return InvalidArgument(Format("query {}, document {}: the score is not a number", Quoted(qid),
                                    Quoted(entry.docid)));
    }
    if (!seen.insert(entry.docid).second) {
      return InvalidArgument(
          Format("query {}: document {} is listed twice", Quoted(qid), Quoted(entry.docid)));
    }
  }
  return Status::Ok();
}

}  // namespace

TrecRunWriter::TrecRunWriter(std::string_view tag, Sink sink)
    : tag_(tag.empty() ? "podium" : tag), sink_(std::move(sink)) {
  std::replace_if(
      tag_.begin(), tag_.end(), [](char c) { return kNotInAnId.find(c) != std::string_view::npos; },
      '_');
}

Status TrecRunWriter::WriteQuery(std::string_view qid, std::span<const RunEntry> entries) {
  std::string_view fault = Fault(qid);
  if (qid.starts_with('#') || qid.starts_with('{') || qid.starts_with(kByteOrderMark)) {
    fault = "starts with '#', '{' or a byte order mark, which readers take for something else";
  }
  if (!fault.empty()) {
    return InvalidArgument(Format("query id {} {}: a run file cannot hold it", Quoted(qid), fault));
  }
  PODIUM_RETURN_IF_ERROR(CheckEntries(qid, entries));
  if (!written_.emplace(qid).second) {
    return InvalidArgument(Format("query {} is written twice to one run", Quoted(qid)));
  }
  const bool floats = std::all_of(entries.begin(), entries.end(),
                                  [](const RunEntry& entry) { return IsFloat(entry.score); });
  buffer_.clear();
  size_t rank = 0;
  for (const uint32_t i : RankEntries(entries)) {
    const RunEntry& entry = entries[i];
    buffer_ += Format("{} Q0 {} {} ", qid, entry.docid, ++rank);
    if (floats) {
      AppendNumber(static_cast<float>(entry.score), buffer_);
    } else {
      AppendNumber(entry.score, buffer_);
    }
    buffer_ += ' ';
    buffer_ += tag_;
    buffer_ += '\n';
  }
  return sink_(buffer_);
}

}  // namespace podium::eval
