#include "eval/text_lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <system_error>

#include "base/format.h"
#include "base/utf8.h"
#include "io/compressed.h"

namespace podium::eval {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r";

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

}  // namespace

LineScanner::LineScanner(std::string_view text, std::string_view name) : rest_(text), name_(name) {
  if (rest_.starts_with(kByteOrderMark)) {
    rest_.remove_prefix(kByteOrderMark.size());
  }
}

bool LineScanner::Next() {
  while (!rest_.empty()) {
    const size_t newline = rest_.find('\n');
    line_ = rest_.substr(0, newline);
    rest_.remove_prefix(newline == std::string_view::npos ? rest_.size() : newline + 1);
    ++number_;
    if (line_.ends_with('\r')) {
      line_.remove_suffix(1);
    }
    const size_t first = line_.find_first_not_of(kBlanks);
    if (first != std::string_view::npos && line_[first] != '#') {
      return true;
    }
  }
  return false;
}

Status LineScanner::Error(std::string_view what) const {
  return DataCorruption(Format("{}:{}: {}", name_, number_, what));
}

size_t SplitColumns(std::string_view line, std::span<std::string_view> columns) {
  size_t count = 0;
  size_t i = 0;
  while (true) {
    while (i < line.size() && IsBlank(line[i])) {
      ++i;
    }
    if (i == line.size()) {
      return count;
    }
    const size_t start = i;
    while (i < line.size() && !IsBlank(line[i])) {
      ++i;
    }
    if (count < columns.size()) {
      columns[count] = line.substr(start, i - start);
    }
    ++count;
  }
}

size_t SplitTabs(std::string_view line, std::span<std::string_view> columns) {
  size_t count = 0;
  while (true) {
    const size_t tab = line.find('\t');
    if (count < columns.size()) {
      columns[count] = line.substr(0, tab);
    }
    ++count;
    if (tab == std::string_view::npos) {
      return count;
    }
    line.remove_prefix(tab + 1);
  }
}

std::optional<double> ParseScore(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (parsed != end || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    value = std::strtod(std::string(text).c_str(), nullptr);
  }
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::optional<int32_t> ParseGrade(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  int32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (parsed != end || error != std::errc() || value == std::numeric_limits<int32_t>::min()) {
    return std::nullopt;
  }
  return value;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 60;
  std::string shown = ReplaceInvalidUtf8(text.substr(0, kLongest));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) {
        constexpr unsigned char kDelete = 0x7F;
        return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) == kDelete;
      },
      '?');
  return "\"" + shown + (text.size() > kLongest ? "…\"" : "\"");
}

bool LooksLikeJson(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

Result<std::string> ReadTextFile(const std::filesystem::path& path) {
  constexpr size_t kChunk = size_t{1} << 20;
  PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<io::ByteSource> source,
                          io::OpenByteSource(path.string()));
  std::string text;
  size_t filled = 0;
  while (true) {
    text.resize(filled + kChunk);
    PODIUM_ASSIGN_OR_RETURN(const size_t read, source->Read({text.data() + filled, kChunk}));
    if (read == 0) {
      break;
    }
    filled += read;
  }
  text.resize(filled);
  if (text.empty()) {
    return DataCorruption(Format("{}: the file is empty", io::SourceName(path.string())));
  }
  return text;
}

}  // namespace podium::eval
