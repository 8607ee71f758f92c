#include "am/forecast/desk.hpp"

#include "am/forecast/jobs.hpp"
#include "am/forecast/night.hpp"
#include "am/forecast/verify.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

constexpr std::string_view kTables[] = {"forecast.series",
                                        "forecast.observations_daily",
                                        "forecast.observation_changes",
                                        "forecast.holidays",
                                        "forecast.predictions_daily",
                                        "forecast.prediction_history",
                                        "forecast.prediction_totals",
                                        "forecast.scores",
                                        "forecast.score_marks",
                                        "forecast.drifts",
                                        "forecast.notices",
                                        "jobs.forecast_jobs"};

constexpr kernel::Job kJobs[] = {{.name = kNightJob, .command = "am forecast night"}};

constexpr std::string_view kNightSecrets[] = {"FORECAST_SOURCE_URL"};

constexpr kernel::Schedule kSchedules[] = {
    {.name = "forecast-night",
     .call = "forecast night",
     .summary = "bring, score and queue what is forecast nightly",
     .remark = "Every 30 minutes, so that it holds for every forecast.zone: the first "
               "after its 02:00 does the night, the others end at once.",
     .kind = kernel::ScheduleKind::job,
     .table = {.every_minutes = 30},
     .secrets = kNightSecrets},
    {.name = "forecast-work",
     .call = "forecast work",
     .summary = "work on queued forecasts",
     .remark = "Every 10 minutes, until no job is ready.",
     .kind = kernel::ScheduleKind::worker,
     .table = {.every_minutes = 10},
     .limit = std::chrono::hours(2),
     .queue = "jobs.forecast_jobs",
     .most = 4,
     .items_each = 50}};

/// What nobody needs after a while: how a job ended that no prediction comes from, what was predicted then, what was changed.
constexpr kernel::PruneRule kPrune[] = {
    {"jobs", "jobs.forecast_jobs",
     "status IN ('done', 'failed', 'dead', 'cancelled') AND updated_at < $1::timestamptz AND NOT EXISTS (SELECT FROM "
     "forecast.predictions_daily p WHERE p.job = forecast_jobs.id)"},
    {"forecasts", "forecast.prediction_history",
     "generated_at < $1::timestamptz AND date::timestamp AT TIME ZONE 'UTC' < $1::timestamptz"},
    {"mails", "forecast.notices", "told_at < $1::timestamptz"},
    {"changes", "forecast.observation_changes", "at < $1::timestamptz"}};

std::vector<kernel::Statement> ask_metrics(Instant /*now*/) {
  return {
      {"SELECT count(*) AS series, count(*) FILTER (WHERE nightly) AS nightly FROM forecast.series", {}},
      {"SELECT series, first_step, coalesce(mase, 0)::text AS mase, covered95::text FROM (SELECT DISTINCT ON (series, "
       "first_step) * FROM forecast.scores WHERE kind = 'backtest' ORDER BY series, first_step, as_of DESC) latest ORDER "
       "BY latest.mase DESC NULLS LAST, series, first_step LIMIT 20",
       {}},
      {"SELECT count(*) AS drifting FROM forecast.drifts WHERE ended IS NULL", {}},
      {"SELECT series, (extract(epoch FROM began::timestamp AT TIME ZONE 'UTC'))::bigint AS began FROM forecast.drifts WHERE "
       "ended IS NULL ORDER BY began, series LIMIT 20",
       {}}};
}

std::vector<kernel::MetricFamily> make_metrics(std::span<const kernel::Rows> results, Instant /*now*/) {
  const auto gauge = [](std::string name, std::string help) {
    return kernel::MetricFamily{
        .name = std::move(name), .help = std::move(help), .type = kernel::MetricType::gauge, .samples = {}};
  };
  kernel::MetricFamily series =
      gauge("am_forecast_series", "Series; of them those that are forecast nightly, and those that drift.");
  const kernel::Row row = results[0].only();
  series.samples = {{.labels = {{"which", "all"}}, .value = static_cast<double>(row.integer("series"))},
                    {.labels = {{"which", "nightly"}}, .value = static_cast<double>(row.integer("nightly"))},
                    {.labels = {{"which", "drifting"}},
                     .value = static_cast<double>(results[2].only().integer("drifting"))}};
  kernel::MetricFamily drift = gauge(
      "am_forecast_drift_since_timestamp_seconds",
      "The last scored day when what came had become far from what was forecast; the first 20 that drift.");
  for (const kernel::Row each : results[3]) {
    drift.samples.push_back(
        {.labels = {{"series", each.text("series")}}, .value = static_cast<double>(each.integer("began"))});
  }
  kernel::MetricFamily mase =
      gauge("am_forecast_mase",
            "Mean absolute scaled error of the latest backtest, by the first step; the worst 20.");
  kernel::MetricFamily within = gauge(
      "am_forecast_within_95", "Part of the days of the latest backtest that lay within the 95 % bounds.");
  for (const kernel::Row score : results[1]) {
    const kernel::MetricLabels labels = {{"series", score.text("series")},
                                         {"first_step", score.text("first_step")}};
    mase.samples.push_back({.labels = labels, .value = number(score, "mase")});
    within.samples.push_back({.labels = labels, .value = number(score, "covered95")});
  }
  return {series, mase, within, drift};
}

std::vector<kernel::Duty> upcoming(Date first, int days, std::string_view zone) {
  std::vector<kernel::Duty> all;
  for (Date night = first; night < first + days; night = night + 1) {
    all.push_back({.job = std::string(kNightJob),
                   .slot = night.to_string(),
                   .text = "the forecasts of the night to " + night.to_string(),
                   .due_at = night_due_at(night, zone)});
  }
  return all;
}

}  // namespace

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "forecast",
                                  .jobs = kJobs,
                                  .keys = config_keys(),
                                  .schedules = kSchedules,
                                  .tables = kTables,
                                  .queues = std::span(&jobs_queue(), 1),
                                  .duties = {ask_nights, make_nights},
                                  .zone_key = "forecast.zone",
                                  .metrics = {ask_metrics, make_metrics},
                                  .upcoming = upcoming,
                                  .verify = verify_data,
                                  .verified = "series",
                                  .prune = kPrune};
  return kDesk;
}

}  // namespace am::forecast
