#pragma once
// The night run: brings what sources have, scores the forecasts of days that have come, and queues forecasts of every series
// that is forecast nightly. A run of the ledger, one a day; what it scores and queues is idempotent, so a night that
// was missed, doubled or half done is mended by the next.

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/series.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/duty.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::forecast {

inline constexpr std::string_view kNightJob = "forecast_night_v1";

/// When a night falls due: at 02:00 of its day in that zone (forecast.zone). Where clocks skip that time, at the first
/// moment after it; where they show it twice, the first time. A night is its day, whatever the zone was.
/// Errors:  config: there is no such zone.
Instant night_due_at(Date night, std::string_view zone);
/// The night that is due: the last whose time has come.
Date current_night(Instant now, std::string_view zone);

/// What it works with.
struct NightBench {
  kernel::Db& db;
  kernel::Ledger& ledger;
  kernel::Log& log;
  const kernel::Clock& clock;
  const kernel::Stop& stop;
};

/// Brings the observations of a series that has a source. Errors: what ends that series' night, and no other's.
using SyncSeries = std::function<void(const SeriesInfo& series)>;

struct NightResult {
  bool was_done = false;
  std::string run_id;
  long long synced = 0;
  long long scored = 0;                                   ///< days, of all series
  long long queued = 0;                                   ///< jobs that are new
  long long there = 0;                                    ///< jobs that were queued before
  std::vector<std::pair<std::string, Error>> failures{};  ///< by series
  std::vector<std::string> warnings{};
};
/// One bad series stops no other. With a failure that is not the series' own (a database that is away), the
/// run is to be done again.
/// Errors:  busy, interrupted, terminated, config, denied; as Ledger::claim.
NightResult run_night(const NightBench& bench, Date night, const SyncSeries& sync);

/// The night that is owed, and the next one; none where no series is nightly or has a source.
std::vector<kernel::Statement> ask_nights(Instant now, std::string_view zone);
std::vector<kernel::Duty> make_nights(std::span<const kernel::Rows> results, Instant now,
                                      std::string_view zone);

}  // namespace am::forecast
