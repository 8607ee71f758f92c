#pragma once
// A plain text table: left-aligned columns two spaces apart, numbers right-aligned. Colour, where it is wanted, is laid
// over the finished text, so that what is said never depends on it.

#include <string>
#include <string_view>
#include <vector>

namespace am::cli {

enum class Tone { plain, good, warning, bad };

/// The text with a terminal's colour around it, or as it is.
std::string painted(std::string_view text, Tone tone, bool color);
/// How many bytes of a colour's beginning or end the text begins with; 0: of none.
std::size_t color_sequence(std::string_view text);

struct Cell {
  std::string text;
  Tone tone = Tone::plain;

  // A row is written as a list of texts.
  // NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions)
  Cell(std::string t) : text(std::move(t)) {}
  Cell(const char* t) : text(t) {}
  // NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)
  Cell(std::string t, Tone of) : text(std::move(t)), tone(of) {}
};

class Table {
 public:
  explicit Table(const std::vector<std::string>& header) { rows_.emplace_back(header.begin(), header.end()); }
  /// Whatever the cells hold, it is made printable().
  void add(std::vector<Cell> row);
  bool empty() const { return rows_.size() == 1; }
  /// With its final newline. color: GlobalOptions::color.
  std::string text(bool color = false) const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace am::cli
