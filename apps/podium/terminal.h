// Standard output for people and for machines: colour only on a terminal, every write checked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

namespace podium::cli {

// Adds to standard output (buffered). What fails is reported by FlushOutput.
void Print(std::string_view text);

// Flushes; an error if anything printed so far could not be written (full disk, closed pipe).
Status FlushOutput();

// True if standard output is a terminal and NO_COLOR is not set (https://no-color.org).
bool UseColor();

// Columns of the terminal on standard output, 80 where there is none.
int TerminalWidth();

enum class Style { kBold, kDim, kMatch, kGood, kBad };

// The text in a style, or as it is where colour is off.
std::string Styled(std::string_view text, Style style);

// Columns a terminal needs for UTF-8 text (wide characters count two, combining marks none).
size_t DisplayWidth(std::string_view text);

// The text broken between words into lines of at most `width` columns; a longer word stays whole.
std::vector<std::string> WrapLines(std::string_view text, size_t width);

// Rows of cells printed with columns aligned: numbers to the right, text to the left.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string ToString() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace podium::cli
