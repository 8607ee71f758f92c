#pragma once
// What the forecast desk's API and pages read: statements, and what their results mean. Figures of the API stay the text
// that PostgreSQL writes; what is drawn or computed is a double. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/band_chart.hpp"
#include "am/kernel/db.hpp"

namespace am::web {

/// Over days of one series that were compared. The newest of what was stored (live), else of past origins (backtest).
struct SeriesAccuracy {
  std::string kind;
  std::string as_of;
  std::string days;
  std::optional<double> mase, naive_mase, seasonal_mase, smape;
  double covered95 = 0, covered80 = 0;  ///< parts of 1
};

struct SeriesLine {
  std::string name;
  std::optional<std::string> unit;
  std::string zone, calendar, season;
  std::optional<std::string> holidays;
  std::string lag_days, horizon;
  bool nightly = false;
  std::string revision, observations;
  std::optional<std::string> first, last, last_value;                ///< of its observations
  std::optional<std::string> predicted_from, predicted_to, as_of{};  ///< of its predictions
  std::optional<std::string> drifts_since{},
      drift_reason{};  ///< what comes is far from what was forecast: error, coverage
  std::optional<SeriesAccuracy> accuracy{};
  std::vector<double> past{}, ahead{};  ///< the newest days, and what is predicted of those after them
};

/// By name, those after the cursor; one more than limit.
kernel::Statement series_by_name(const std::optional<std::string>& cursor, int limit);
/// The worst first: by MASE, behind them those that were never scored. With past and ahead.
kernel::Statement series_worst_first(long long offset, int limit);
kernel::Statement one_series(const std::string& name);
std::vector<SeriesLine> series_lines(const kernel::Rows& rows);

/// The newest days that are known, and all that is predicted since their first. Ascending.
kernel::Statement series_days(const std::string& name);
std::vector<forecast::SeriesDay> series_days_of(const kernel::Rows& rows);

/// Of a row with y_hat, y_lo, y_hi, y_lo80 and y_hi80.
forecast::Bounds bounds_of_row(const kernel::Row& row);
/// Errors:  data: the text is no number.
std::optional<double> figure_of(const kernel::Row& row, std::string_view column);

}  // namespace am::web
