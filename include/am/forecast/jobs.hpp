#pragma once
// Jobs of the desk: what is asked of a series, queued; and a worker that answers it. A job's key is what it is about, so the
// same asked again is nothing new, while data that came late makes a new one.
//
// Errors:  those of Sql::query; what else, is said.
// Design:  docs/architecture.md, "The forecast desk".

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/result.hpp"
#include "am/forecast/forecast.hpp"
#include "am/forecast/series.hpp"
#include "am/forecast/store.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/drain.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/queue.hpp"
#include "am/kernel/stop.hpp"

namespace am::forecast {

/// jobs.forecast_jobs.
const kernel::QueueSpec& jobs_queue();

enum class JobType { forecast, backtest };
std::string_view job_type_name(JobType type);

/// A job's payload. A worker reads what an earlier or later build wrote, and refuses what it does not know.
struct JobPayload {
  static constexpr int kVersion = 1;
  JobType type = JobType::forecast;
  std::string series;
  Date from, to;
  Date as_of;              ///< the last day that is looked at
  long long revision = 0;  ///< of the series, when it was queued

  std::string to_json() const;
  /// Errors:  Reject: not JSON of this version, or not within the bounds of a request.
  static Result<JobPayload> parse(std::string_view json);
  /// "forecast/rides/2016-08-01/2016-08-28/2016-07-31/17"
  std::string key() const;
};

struct JobRequest {
  JobType type = JobType::forecast;
  std::string series;
  Date from, to;
  std::optional<Date> as_of{};  ///< earlier than the newest known day
  int priority = 1;
  std::optional<Instant> not_before{};
  bool force = false;  ///< queued even if the same was: its key ends with "#2"
};
struct Enqueued {
  JobPayload payload;
  std::string key;
  bool is_new = false;
  std::vector<std::string> warnings{};
};
/// now: which days are known.
/// Errors:  usage: a range that is inverted, too long or without a day of the calendar, an as_of that is not before it;
///          no_input: no such series, or nothing known before the range, or not for kMostDays.
Enqueued enqueue_job(kernel::Transaction& tx, kernel::Queue& queue, const JobRequest& request, Instant now);

/// Who forecasts: forecast_series, or a test's own.
using Forecaster = std::function<Forecast(const SeriesInput& input, const Horizon& horizon)>;

/// A question to the models, read from one snapshot.
struct Question {
  SeriesInfo series;
  SeriesInput input;
  Horizon horizon;
  std::vector<Date> targets;  ///< the days asked for
  std::vector<std::string> warnings{};
};
/// What is known up to as_of, and the days asked for.
/// Errors:  no_input: no such series, or no value up to as_of; usage: no day of its calendar is asked for.
Question read_question(kernel::Sql& sql, const std::string& series, DateRange target, Date as_of);

/// Works on one item: forecasts outside of a transaction, then writes and finishes in one.
class JobWorker {
 public:
  /// stop: looked at between the origins of a backtest, which is then given back.
  JobWorker(kernel::Db& db, kernel::Queue& queue, kernel::Log& log, const kernel::Stop& stop,
            Forecaster forecaster);
  /// For kernel::drain. Errors: busy: the item is somebody else's; as Sql::query.
  kernel::Fate operator()(const kernel::Item& item, const kernel::Lease& lease);

 private:
  std::size_t work(const kernel::Item& item, const JobPayload& job, const kernel::Lease& lease);
  std::size_t work_forecast(const kernel::Item& item, const JobPayload& job, const kernel::Lease& lease);
  std::size_t work_backtest(const kernel::Item& item, const JobPayload& job, const kernel::Lease& lease);

  kernel::Db& db_;
  kernel::Queue& queue_;
  kernel::Log& log_;
  const kernel::Stop& stop_;
  Forecaster forecaster_;
};

/// Writes what a job came to. A day that was predicted from newer data (as_of, then revision) stays as it is, so that jobs
/// may end in any order. Returns how many days were asked for.
struct Predicted {
  std::string series;
  std::vector<Date> days;
  Forecast forecast;
  Date as_of;
  long long revision = 0;
  long long job = 0;
};
void store_predictions(kernel::Transaction& tx, const Predicted& predicted);

}  // namespace am::forecast
