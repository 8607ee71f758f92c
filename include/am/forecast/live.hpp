#pragma once
// What stored forecasts came to: the live rows of forecast.scores. Of each day that has come, the forecasts of that day and
// of the scored days before it, kScoredDays in all, by how far ahead they looked. Whoever stores an observation or a
// prediction marks its day (forecast.score_marks); only marked days, and those whose window they are in, are scored again.
//
// Errors:  those of Sql::query.
// Design:  docs/architecture.md, "The forecast desk".

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/evaluate.hpp"
#include "am/forecast/series.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

/// Days that came, together.
inline constexpr int kScoredDays = 28;

/// What was stored: these days' scores are to be made again. Only what can be compared is marked.
void mark_observed(kernel::Transaction& tx, const std::string& series, const std::vector<Date>& days);
void mark_predicted(kernel::Transaction& tx, const std::string& series, const std::vector<Date>& days);
/// Every day of it: its calendar is another.
void mark_all(kernel::Transaction& tx, const std::string& series);

/// A live score: of the scored days up to as_of.
struct LiveScore {
  Date as_of;
  DateRange window;  ///< from the first of those days to the last, which is as_of
  int scored = 0;    ///< those days; at most kScoredDays
  std::vector<SpanScore> spans;
  std::string model_version;  ///< of the newest forecast among them
};
/// Of each of these days that can be scored, ascending. known: no later day is looked at.
std::vector<LiveScore> live_scores(kernel::Sql& sql, const SeriesInfo& series, std::vector<Date> days,
                                   Date known);

/// Scores what is marked, a bounded part of it a transaction, and judges whether the series drifts (drift.hpp).
/// Returns how many days were scored.
long long score_series(kernel::Db& db, const std::string& series, Instant now,
                       const std::optional<std::string>& run_id);

}  // namespace am::forecast
