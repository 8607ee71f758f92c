#include "table.hpp"

#include <algorithm>

#include "am/base/text.hpp"

namespace am::cli {

namespace {

/// Code points, which is what a terminal's columns are for the text that we print.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-+%") == std::string::npos &&
         text.find_first_of("0123456789") != std::string::npos;
}

constexpr std::string_view kPlain = "\x1b[0m";

std::string_view sequence_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string painted(std::string_view text, Tone tone, bool color) {
  const std::string_view begin = sequence_of(tone);
  if (!color || begin.empty() || text.empty()) return std::string(text);
  return std::string(begin) + std::string(text) + std::string(kPlain);
}

std::size_t color_sequence(std::string_view text) {
  for (const std::string_view sequence :
       {sequence_of(Tone::good), sequence_of(Tone::warning), sequence_of(Tone::bad), kPlain}) {
    if (text.starts_with(sequence)) return sequence.size();
  }
  return 0;
}

void Table::add(std::vector<Cell> row) {
  for (Cell& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::text(bool color) const {
  const std::size_t columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> numeric(columns, rows_.size() > 1);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string& text = rows_[r][c].text;
      widths[c] = std::max(widths[c], width(text));
      if (r > 0 && !text.empty() && !is_number(text)) numeric[c] = false;
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::size_t last = columns;  // nothing follows it: no padding
    while (last > 0 && row[last - 1].text.empty()) --last;
    for (std::size_t c = 0; c < last; ++c) {
      const std::string pad(widths[c] - width(row[c].text), ' ');
      const std::string text = painted(row[c].text, row[c].tone, color);
      out += c > 0 ? "  " : "";
      out += numeric[c] ? pad + text : text + (c + 1 < last ? pad : "");
    }
    out += "\n";
  }
  return out;
}

}  // namespace am::cli
