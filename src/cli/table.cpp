#include "table.hpp"

#include <algorithm>

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

}  // namespace

std::string painted(std::string_view text, Tone tone, bool color) {
  const std::string_view code = tone == Tone::good      ? "32"
                                : tone == Tone::warning ? "33"
                                : tone == Tone::bad     ? "31"
                                                        : "";
  if (!color || code.empty() || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
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
