#pragma once
// The arithmetic of the forecast desk: one daily series in, what is expected of each day ahead out, with the bounds that
// held in its own past. Several plain models forecast, first from past origins; how far each was off there decides its
// weight, and how far all together were off decides the bounds. It knows no database, no configuration and no clock.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/base/date.hpp"

namespace am::forecast {

struct Holiday {
  Date date;
  std::string name;  ///< days of one name share an effect
};

/// A series as it is known. A day off its calendar does not exist: it is neither a value nor a gap.
struct SeriesInput {
  std::vector<double> values;  ///< oldest first, one per existing day; NaN or infinite: missing
  std::vector<Date> days{};    ///< their dates, ascending; empty: steps without dates, and no holidays
  std::vector<int> seasons{};  ///< lengths in existing days; empty: those of candidates that show
  std::vector<int>
      candidates{};  ///< empty: the week's length by days, and 52 of it (7 and 364 without dates)
  std::vector<Holiday> holidays{};
  std::optional<bool> non_negative{};  ///< empty: as all of the past is
  bool zero_means_missing = false;
};

/// What is asked for.
struct Horizon {
  int steps = 28;  ///< days asked for
  int lead = 0;    ///< existing days between the last of values and the first asked for
  int span = 28;   ///< how far past origins look, whatever is asked: a longer range keeps its beginning
  std::vector<Date> days{};  ///< of the lead and the steps; empty exactly when the input has none
};

struct Bounds {
  double y_hat = 0;
  double lo = 0, hi = 0;      ///< 95 %
  double lo80 = 0, hi80 = 0;  ///< inside the former
};

/// The sum of some of the days asked for. Its bounds are no sums of bounds.
struct Total {
  enum class Kind { week, month, range } kind = Kind::range;
  int first = 0;  ///< index into days
  int count = 0;
  Bounds bounds{};
};

/// A model of the pool, for people.
struct Member {
  std::string name;
  double weight = 0;            ///< of all: they sum up to 1
  double error = 0;             ///< mean absolute, over the past origins; NaN where there were none
  std::string dropped{};        ///< why it is none; empty: it is one
  std::vector<double> y_hat{};  ///< what it says of each day asked for
};

struct HolidayEffect {
  std::string name;
  bool weekend = false;
  int occurrences = 0;
  double effect = 0;  ///< a factor where logs were taken, else a sum
};

struct Forecast {
  std::vector<Bounds> days;
  std::vector<Total> totals;  ///< by kind; weeks (from Monday) and months only with dates
  std::vector<Member> members;
  std::vector<HolidayEffect> holidays;
  std::vector<int> seasons;
  bool logs = false;
  int origins = 0;               ///< past ones that weights and bounds come from
  std::optional<int> outlier{};  ///< index of a last value that was not believed
  std::string model_version;     ///< "pool/1 logs s7+364 o24", or what it fell back to
};

/// Shape:   horizon.steps days, in order.
/// Units:   the series' own; lo <= lo80 <= y_hat <= hi80 <= hi, all finite.
/// Time:    nothing at or after the first day asked for is looked at, even if values has it.
/// Errors:  Error{bug} for dates that do not fit the values; no series makes it fail.
/// Threads: pure; the same bits from the same input.
Forecast forecast_series(const SeriesInput& input, const Horizon& horizon);

/// Which of the usual season lengths show: by the autocorrelation at that lag.
/// Source: Hyndman and others 2018, the test for seasons of the M4 competition.
std::vector<int> seasons_of(std::span<const double> values, std::span<const int> candidates);

}  // namespace am::forecast
