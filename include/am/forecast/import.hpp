#pragma once
// Observations and holidays from CSV that somebody has: read as a whole or not at all. Two forms, told by the header:
// long (series,date,value) and wide (date, then a column for each series). Fields are parted by , ; or a tab; an empty one
// is missing.
//
// Errors:  Error{data} "path:line:col: problem".
// Threads: pure.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/csv.hpp"
#include "am/base/date.hpp"

namespace am::forecast {

struct Observed {
  Date date;
  double value = 0;
  friend bool operator==(const Observed&, const Observed&) = default;
};

/// What becomes of a day that a file has twice.
enum class Twice { refuse, sum, last, mean };

/// Of one series: ascending by day, each once. empty_days: what the file has without a value.
struct SeriesObservations {
  std::vector<Observed> days;
  std::vector<Date> empty_days{};
};

class ObservationFile {
 public:
  /// subject: what messages call it, a path or "standard input".
  ObservationFile(std::string subject, std::string text);

  /// Of every series that it has, in the order of the file.
  const std::vector<std::string>& names() const { return names_; }
  /// A date is the series' own day; a moment (RFC 3339) belongs to the day in the series' zone, and the moments of a day are
  /// summed. The same date, or the same moment, twice is what `twice` says.
  /// day_of: the day of a moment for the series of that name. Errors: what it throws.
  std::map<std::string, SeriesObservations> read(
      Twice twice, const std::function<Date(const std::string& series, Instant at)>& day_of) const;

 private:
  [[noreturn]] void refuse(std::size_t row, std::size_t field, std::string_view problem) const;
  void find_columns();

  std::string subject_;
  std::string text_;
  char separator_ = ',';
  CsvTable table_;
  bool is_long_ = false;
  std::size_t series_ = 0, date_ = 0, value_ = 0;
  std::vector<std::string> names_;
};

struct NamedDay {
  Date date;
  std::string name;
};
/// date,name with a header, in any order; a day twice is refused. Ascending.
std::vector<NamedDay> read_holidays(const std::string& subject, const std::string& text);

}  // namespace am::forecast
