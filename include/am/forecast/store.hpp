#pragma once
// The rows of the desk: series, observations, holidays. What jobs write is jobs.hpp's.
//
// Errors:  those of Sql::query; what else, is said.
// Threads: nothing is kept between calls.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/forecast.hpp"
#include "am/forecast/import.hpp"
#include "am/forecast/series.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

enum class Added { made, same, differs, replaced };
/// replace: one that is there and differs gets this description, and another revision; else it stays as it is.
Added add_series(kernel::Transaction& tx, const SeriesInfo& series, bool replace);
std::optional<SeriesInfo> find_series(kernel::Sql& sql, const std::string& name);
/// Errors:  no_input: there is none of that name.
SeriesInfo load_series(kernel::Sql& sql, const std::string& name);
std::vector<SeriesInfo> list_series(kernel::Sql& sql);

/// What is stored of a series.
struct SeriesExtent {
  std::string series;
  long long observations = 0, predictions = 0, changes = 0;
  std::optional<Date> first{}, last{};
  std::optional<double> last_value{};
  std::optional<Date> drifts_since{};  ///< of an episode that goes on (drift.hpp)
};
/// Of one series, or of all, by name.
std::vector<SeriesExtent> series_extents(kernel::Sql& sql, const std::optional<std::string>& name = {});

struct RemovedSeries {
  long long observations = 0, predictions = 0, jobs = 0;  ///< jobs: open ones, cancelled
};
/// With all its rows; its open jobs are cancelled. Errors: no_input: there is none.
RemovedSeries remove_series(kernel::Transaction& tx, const std::string& name);

struct ImportCounts {
  long long added = 0, changed = 0, same = 0, removed = 0;
  long long off_calendar = 0;  ///< on days that the series does not have; not stored
  long long revision = 0;      ///< afterwards; one more when anything is different
  bool is_changed() const { return added + changed + removed > 0; }
};
/// Stores days of a series; what was changed or removed is kept in forecast.observation_changes. Others wait meanwhile.
/// replace: what is stored between the first and the last of `said` and not in it is removed.
/// Errors:  no_input: there is no such series.
ImportCounts store_observations(kernel::Transaction& tx, const std::string& series,
                                const SeriesObservations& said, bool replace);

struct HolidayCounts {
  long long added = 0, changed = 0, same = 0;
};
HolidayCounts store_holidays(kernel::Sql& sql, const std::string& set, std::span<const NamedDay> days);

/// Up to `last`, and from `first` where it is given. Ascending.
std::vector<Observed> read_observations(kernel::Sql& sql, const std::string& series,
                                        std::optional<Date> first, Date last);
/// What the exchange's set (nyse) calls a day. Other sets are rows, and have nothing here. Threads: pure.
std::optional<std::string> exchange_holiday(std::string_view set, Date day);
/// Of a set, or of the exchange (nyse).
std::vector<Holiday> read_holiday_set(kernel::Sql& sql, const std::string& set, DateRange range);
/// The last day that a set names; nullopt: it names none (of nyse: of its calendar).
std::optional<Date> last_holiday(kernel::Sql& sql, const std::string& set);

}  // namespace am::forecast
