#include <cmath>
#include <set>
#include <utility>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/forecast/bench.hpp"
#include "am/forecast/numbers.hpp"

namespace am::forecast {

namespace {

/// One line of a table, cell by cell.
class Cells {
 public:
  Cells(const std::string& subject, int line, std::string_view text)
      : subject_(subject), line_(line), text_(text) {}

  /// False behind the last one.
  bool next(std::string& cell) {
    if (at_ > text_.size()) return false;
    begin_ = at_;
    cell.clear();
    if (at_ < text_.size() && text_[at_] == '"') {
      const std::size_t quote = text_.find('"', at_ + 1);
      if (quote == std::string_view::npos) refuse("a quote that is never closed");
      if (quote + 1 < text_.size() && text_[quote + 1] != ',') refuse("text behind a closing quote");
      cell = text_.substr(at_ + 1, quote - at_ - 1);
      at_ = quote + 2;
      return true;
    }
    const std::size_t comma = std::min(text_.find(',', at_), text_.size());
    cell = text_.substr(at_, comma - at_);
    at_ = comma + 1;
    return true;
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    throw Error(ErrorKind::data,
                subject_ + ":" + std::to_string(line_) + ":" + std::to_string(begin_ + 1) + ": " + problem);
  }

 private:
  const std::string& subject_;
  int line_;
  std::string_view text_;
  std::size_t at_ = 0, begin_ = 0;
};

bool says_missing(std::string_view cell) { return cell.empty() || cell == "NA" || cell == "NaN"; }

BenchSeries series_of(Cells& cells) {
  BenchSeries series;
  std::string cell;
  cells.next(cell);
  series.name = trim(cell);
  if (series.name.empty()) cells.refuse("a series without a name");
  std::size_t known = 0;
  while (cells.next(cell)) {
    const std::string_view text = trim(cell);
    const auto value = says_missing(text) ? std::optional(std::nan("")) : parse_number(text);
    if (!value) cells.refuse(shown(text) + " is no number (expected digits with a point, such as 1234.5)");
    if (std::isnan(*value) && series.values.empty()) continue;
    series.values.push_back(*value);
    if (!std::isnan(*value)) known = series.values.size();
  }
  series.values.resize(known);
  return series;
}

}  // namespace

std::vector<BenchSeries> read_bench_series(const std::string& subject, std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<BenchSeries> all;
  std::set<std::string> names;
  std::string cell;
  bool header = true;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (row.empty()) continue;
    Cells cells(subject, line, row);
    if (std::exchange(header, false)) {
      cells.next(cell);
      if (cells.next(cell) && parse_number(trim(cell)))
        cells.refuse("a number where the header is (expected a name for each column, such as V1,V2)");
      continue;
    }
    BenchSeries series = series_of(cells);
    series.line = line;
    if (!names.insert(series.name).second) {
      Cells(subject, line, row).refuse("series " + shown(series.name) + " is there twice (expected once)");
    }
    all.push_back(std::move(series));
  }
  if (all.empty())
    throw Error(ErrorKind::data, subject + ":1:1: no series in it (expected a header and rows)");
  return all;
}

}  // namespace am::forecast
