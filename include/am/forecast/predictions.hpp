#pragma once
// What is predicted, as it is stored: for people, pages and programs.
//
// Errors:  those of Sql::query.
// Threads: nothing is kept between calls.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/forecast.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

struct Prediction {
  Date date;
  Bounds bounds;
  std::optional<double> value{};  ///< what came
  std::string model_version;
  Date as_of;
  long long revision = 0, job = 0;
};

struct PredictedTotal {
  std::string kind;  ///< week, month, range
  Date first, last;
  Bounds bounds;
  std::optional<double> value{};  ///< the sum of what came; empty: not all of its days are there yet
  Date as_of;
  long long job = 0;
};

/// What of a series is asked for; what is empty does not narrow.
struct PredictionFilter {
  std::string series;
  std::optional<Date> from{}, to{};
  std::optional<Date> as_of{};  ///< as it was then: of each day the newest that looked no further
};

/// The statement and what its result means, for a snapshot that reads more.
kernel::Statement ask_predictions(const PredictionFilter& filter);
std::vector<Prediction> make_predictions(const kernel::Rows& result);
/// Ascending by day.
std::vector<Prediction> read_predictions(kernel::Sql& sql, const PredictionFilter& filter);

/// Which sums are asked for; what is empty does not narrow.
struct TotalFilter {
  std::string series;
  std::optional<std::string> kind{};  ///< week, month, range; empty: weeks and months
  std::optional<Date> from{}, to{};   ///< those with a day within
  std::optional<int> past_days{};  ///< those that end no more than so many days before the newest observation
};
kernel::Statement ask_totals(const TotalFilter& filter);
std::vector<PredictedTotal> make_totals(const kernel::Rows& result);
/// Weeks before months, then ascending.
std::vector<PredictedTotal> read_totals(kernel::Sql& sql, const TotalFilter& filter);

/// What was expected of a day that came, by those who looked no further than 7, than 28 days before it.
struct EarlierForecast {
  Date date;
  std::optional<double> week_before{}, month_before{};
};
/// Of the newest days that were predicted and came, `most` of them or all. filter.as_of is not looked at.
kernel::Statement ask_earlier(const PredictionFilter& filter, std::optional<int> most = {});
std::vector<EarlierForecast> make_earlier(const kernel::Rows& result);

}  // namespace am::forecast
