#pragma once
// A series drifts when what came over kScoredDays was far from what was forecast: the forecasts nearest ahead were worse
// than a naive one and than 1.5 × the error of their backtest, or their 95 % bounds held less than 80 % of the days. That
// begins an episode, with an event and a notice (notices.hpp); it ends with the first scored day of which it is not so.
//
// Errors:  those of Sql::query.

#include <map>
#include <optional>
#include <string>

#include "am/base/date.hpp"
#include "am/forecast/live.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

struct Drift {
  Date began;                                                   ///< the last scored day, then
  std::string reason;                                           ///< error, coverage
  std::optional<double> mase{}, naive_mase{}, backtest_mase{};  ///< then
  double covered95 = 0;                                         ///< then, a part of 1
};
/// "since 2016-08-08: its error was …": for people.
std::string drift_text(const Drift& drift);

/// newest: of the series' last scored day. Fewer days than kScoredDays say nothing, and end nothing.
void judge_drift(kernel::Transaction& tx, const std::string& series, const LiveScore& newest,
                 const std::optional<std::string>& run_id);

/// Those that go on, by series: of one, or of all.
std::map<std::string, Drift> open_drifts(kernel::Sql& sql, const std::optional<std::string>& series = {});

}  // namespace am::forecast
