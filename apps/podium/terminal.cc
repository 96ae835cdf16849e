#include "terminal.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <wchar.h>

#include "base/utf8.h"
#include "io/file.h"

namespace podium::cli {
namespace {

int write_error = 0;  // errno of the first failed write, kept for FlushOutput

constexpr int kDefaultColumns = 80;

bool LooksNumeric(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.,+-%eE") == std::string_view::npos;
}

void AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
               const std::vector<bool>& right, std::string& out) {
  for (size_t c = 0; c < cells.size(); ++c) {
    const std::string padding(widths[c] - DisplayWidth(cells[c]), ' ');
    const bool last = c + 1 == cells.size();
    if (right[c]) {
      out += padding + cells[c];
    } else {
      out += cells[c] + (last ? std::string() : padding);
    }
    out += last ? "\n" : "  ";
  }
}

}  // namespace

void Print(std::string_view text) {
  if (fwrite(text.data(), 1, text.size(), stdout) != text.size() && write_error == 0) {
    write_error = errno;
  }
}

Status FlushOutput() {
  if (fflush(stdout) != 0 && write_error == 0) {
    write_error = errno;
  }
  return write_error == 0 ? Status::Ok()
                          : io::ErrnoStatus(write_error, "cannot write to standard output");
}

bool UseColor() {
  static const bool use = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return use;
}

int TerminalWidth() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return kDefaultColumns;
}

std::string Styled(std::string_view text, Style style) {
  if (!UseColor()) {
    return std::string(text);
  }
  const char* code = "";
  switch (style) {
    case Style::kBold: code = "\033[1m"; break;
    case Style::kDim: code = "\033[2m"; break;
    case Style::kMatch: code = "\033[1;33m"; break;
    case Style::kGood: code = "\033[32m"; break;
    case Style::kBad: code = "\033[31m"; break;
  }
  return code + std::string(text) + "\033[0m";
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\033') {  // a colour sequence takes no room
      while (i < text.size() && text[i] != 'm') {
        ++i;
      }
      i += 1;
      continue;
    }
    const DecodedCodePoint decoded = DecodeUtf8(text, i);
    const int columns = wcwidth(static_cast<wchar_t>(decoded.code_point));
    width += static_cast<size_t>(std::max(columns, 0));
    i += decoded.length;
  }
  return width;
}

std::vector<std::string> WrapLines(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  size_t line_width = 0;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const size_t word_width = DisplayWidth(word);
    if (!line.empty() && line_width + 1 + word_width > width) {
      lines.push_back(std::move(line));
      line.clear();
      line_width = 0;
    }
    if (!line.empty()) {
      line += ' ';
      ++line_width;
    }
    line += word;
    line_width += word_width;
  }
  if (!line.empty()) {
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string Table::ToString() const {
  std::vector<size_t> widths(header_.size());
  std::vector<bool> right(header_.size(), !rows_.empty());
  for (size_t c = 0; c < header_.size(); ++c) {
    widths[c] = DisplayWidth(header_[c]);
    for (const auto& row : rows_) {
      widths[c] = std::max(widths[c], DisplayWidth(row[c]));
      right[c] = right[c] && (LooksNumeric(row[c]) || row[c].empty());
    }
  }
  std::string out;
  AppendRow(header_, widths, right, out);
  for (const auto& row : rows_) {
    AppendRow(row, widths, right, out);
  }
  return out;
}

}  // namespace podium::cli
