// What the readers of this module share: lines with their place, columns, numbers, errors that
// quote what was found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "podium/status.h"

namespace podium::eval {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Walks through the lines that say something: blank lines and, as trec_eval does, lines that start
// with '#' are skipped; a byte order mark and a carriage return before the newline are dropped.
// The text and the name must outlive the scanner.
class LineScanner {
 public:
  LineScanner(std::string_view text, std::string_view name);

  // Goes to the next line; false at the end.
  bool Next();

  std::string_view line() const { return line_; }
  size_t number() const { return number_; }

  // DataCorruption "run.trec:12: <what>" for the current line.
  Status Error(std::string_view what) const;

 private:
  std::string_view rest_;
  std::string_view name_;
  std::string_view line_;
  size_t number_ = 0;
};

// Splits at runs of spaces and tabs. Fills `columns` as far as it reaches and returns how many
// columns the line has in all.
size_t SplitColumns(std::string_view line, std::span<std::string_view> columns);

// Splits at every single tab; otherwise as SplitColumns.
size_t SplitTabs(std::string_view line, std::span<std::string_view> columns);

// A decimal number or an infinity ("inf"), with or without a sign; nothing else, and not NaN.
// What is too large or too small for a double becomes an infinity or zero, as with strtod.
std::optional<double> ParseScore(std::string_view text);

// A whole number of at most 2^31 - 1 in size.
std::optional<int32_t> ParseGrade(std::string_view text);

// The text in quotes for an error message: at most 60 bytes, no control characters.
std::string Quoted(std::string_view text);

// True if the first character that is not white space is '{'.
bool LooksLikeJson(std::string_view text);

// The whole file, decompressed if it is gzip or Zstandard ("-": standard input); an error if it is
// empty.
Result<std::string> ReadTextFile(const std::filesystem::path& path);

}  // namespace podium::eval
