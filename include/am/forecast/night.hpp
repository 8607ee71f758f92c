#pragma once
// The night run: brings what sources have, and queues forecasts of every series that is forecast nightly. A run of the
// ledger, one a day (UTC); what it queues is idempotent, so a night that was missed, doubled or half done is mended by the
// next.

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

/// When a night falls due: 02:00 UTC of its day.
Instant night_due_at(Date night);
/// The night that is due: the last whose time has come.
Date current_night(Instant now);

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
std::vector<kernel::Statement> ask_nights(Instant now);
std::vector<kernel::Duty> make_nights(std::span<const kernel::Rows> results, Instant now);

}  // namespace am::forecast
