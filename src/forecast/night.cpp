#include "am/forecast/night.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/forecast/jobs.hpp"
#include "am/forecast/live.hpp"
#include "am/forecast/store.hpp"
#include "am/kernel/zone.hpp"

namespace am::forecast {

namespace {

using kernel::Rows;
using kernel::sql_values;

constexpr std::chrono::hours kDue{2};
/// What waits for nobody goes last.
constexpr int kBacktestPriority = 3;

/// What concerns the whole night and not one series of it.
bool ends_the_night(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::busy:
    case ErrorKind::interrupted:
    case ErrorKind::terminated:
    case ErrorKind::config:
    case ErrorKind::denied:
      return true;
    default:
      return false;
  }
}

/// It is the series' own, and another attempt this night finds the same. A COMMIT whose outcome is unknown is none: nothing
/// says that what it was for is stored.
bool is_verdict(const Error& error) {
  return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::data ||
         error.kind() == ErrorKind::no_input;
}

/// The range of so many existing days after `last`.
std::optional<DateRange> next_days(const SeriesInfo& series, Date last) {
  const auto calendar = SeriesCalendar::parse(series.calendar);
  if (!calendar) return std::nullopt;
  const std::vector<Date> days = calendar->days({last + 1, last + kMostDays});
  if (days.empty()) return std::nullopt;
  const std::size_t count = std::min(days.size(), static_cast<std::size_t>(series.horizon));
  return DateRange{days.front(), days[count - 1]};
}

/// Once a week it is measured how good forecasts are: on Monday, or in the first night after one that was missed.
bool is_to_measure(kernel::Sql& sql, Date night) {
  const Date monday = night - static_cast<int>(night.weekday().iso_encoding() - 1);
  if (night == monday) return true;
  const Rows rows =
      sql.query("SELECT max(slot) AS last FROM ops.runs WHERE job = $1 AND status = 'done' AND slot < $2",
                sql_values(kNightJob, night));
  return !rows.only().is_null("last") && rows.only().date("last") < monday;
}

class Night {
 public:
  Night(const NightBench& bench, Date night, NightResult& result)
      : bench_(bench),
        measures_(is_to_measure(bench.db, night)),
        result_(result),
        queue_(bench.db, jobs_queue()) {}

  void work(const SeriesInfo& described, const SyncSeries& sync) {
    if (described.source && sync) {
      sync(described);
      ++result_.synced;
    }
    const Instant now = bench_.clock.now();
    result_.scored += score_series(bench_.db, described.name, now, result_.run_id);
    if (!described.nightly) return;
    const SeriesInfo series = load_series(bench_.db, described.name);  // of what the source brought
    const auto range = next_days(series, last_known_day(series, now));
    if (!range) return;
    queue({.series = series.name, .from = range->first, .to = range->last}, now);
    if (measures_)
      queue({.type = JobType::backtest,
             .series = series.name,
             .from = range->first,
             .to = range->last,
             .priority = kBacktestPriority},
            now);
  }

 private:
  void queue(const JobRequest& request, Instant now) {
    Enqueued enqueued;
    bench_.db.transact([&](kernel::Transaction& tx) { enqueued = enqueue_job(tx, queue_, request, now); });
    ++(enqueued.is_new ? result_.queued : result_.there);
    if (request.type == JobType::forecast)
      result_.warnings.insert(result_.warnings.end(), enqueued.warnings.begin(), enqueued.warnings.end());
  }

  const NightBench& bench_;
  bool measures_;
  NightResult& result_;
  kernel::PgQueue queue_;
};

std::string counts_json(const NightResult& result) {
  return nlohmann::ordered_json{{"synced", result.synced},
                                {"scored", result.scored},
                                {"queued", result.queued},
                                {"there", result.there},
                                {"failed", result.failures.size()}}
      .dump();
}

}  // namespace

Instant night_due_at(Date night, std::string_view zone) { return kernel::instant_in_zone(zone, night, kDue); }

Date current_night(Instant now, std::string_view zone) {
  const Date today = kernel::date_in_zone(zone, now);
  return night_due_at(today, zone) <= now ? today : today - 1;
}

NightResult run_night(const NightBench& bench, Date night, const SyncSeries& sync) {
  NightResult result;
  const kernel::Claim claim = bench.ledger.claim(kNightJob, night.to_string(), "{}");
  result.run_id = claim.run_id;
  result.was_done = claim.run == nullptr;
  if (result.was_done) return result;
  Night work(bench, night, result);
  for (const SeriesInfo& series : list_series(bench.db)) {
    bench.stop.check();
    claim.run->check_lease();
    try {
      work.work(series, sync);
    } catch (const Error& error) {
      if (ends_the_night(error)) {
        claim.run->fail(error);
        throw;
      }
      bench.log.warn("series left out of the night", {{"series", series.name}, {"error", error.message()}});
      result.failures.emplace_back(series.name, error);
    }
  }
  for (const std::string& warning : result.warnings) bench.log.warn(warning);
  const auto again =
      std::ranges::find_if(result.failures, [](const auto& each) { return !is_verdict(each.second); });
  if (again != result.failures.end()) {
    claim.run->fail(again->second);
    return result;
  }
  claim.run->finish_with([&](kernel::Transaction& tx) {
    claim.run->fence(tx);
    kernel::Ledger::event(tx, "night_done", {}, result.run_id, counts_json(result),
                          "night " + night.to_string());
  });
  return result;
}

std::vector<kernel::Statement> ask_nights(Instant now, std::string_view zone) {
  return {{"SELECT slot FROM ops.runs WHERE job = $1 AND slot = $2 AND status = 'done'",
           sql_values(kNightJob, current_night(now, zone))},
          {"SELECT EXISTS (SELECT FROM forecast.series WHERE nightly OR source IS NOT NULL) AS wanted", {}}};
}

std::vector<kernel::Duty> make_nights(std::span<const Rows> results, Instant now, std::string_view zone) {
  std::vector<kernel::Duty> all;
  if (!results[1].only().boolean("wanted")) return all;
  const auto add = [&](Date night) {
    all.push_back({.job = std::string(kNightJob),
                   .slot = night.to_string(),
                   .text = "the forecasts of the night to " + night.to_string(),
                   .data = R"("night":")" + night.to_string() + '"',
                   .due_at = night_due_at(night, zone)});
  };
  const Date night = current_night(now, zone);
  if (results[0].empty()) add(night);
  add(night + 1);
  return all;
}

}  // namespace am::forecast
