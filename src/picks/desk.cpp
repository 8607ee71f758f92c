#include "am/picks/desk.hpp"

#include <array>
#include <string>
#include <utility>

#include "am/market/calendar.hpp"
#include "am/market/config_keys.hpp"
#include "am/picks/due.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/simulate.hpp"
#include "am/picks/verify.hpp"

namespace am::picks {

using kernel::MetricFamily;
using kernel::Rows;
using kernel::Statement;

namespace {

constexpr std::string_view kWeeklySchedule = "run-weekly";
constexpr std::string_view kCheckpointSchedule = "checkpoint";

MetricFamily gauge(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = kernel::MetricType::gauge, .samples = {}};
}

std::vector<Statement> rows_statements(Instant /*now*/) {
  return {
      {"SELECT 'batch' AS what, status, count(*) AS n FROM public.batches GROUP BY status "
       "UNION ALL SELECT 'checkpoint', status, count(*) FROM public.checkpoints GROUP BY status",
       {}}};
}

/// One sample for each status that there can be, so that a zero is a zero and not a gap.
template <std::size_t N>
MetricFamily by_status(MetricFamily family, std::string_view what,
                       const std::array<std::string_view, N>& statuses, const Rows& rows) {
  for (const std::string_view status : statuses) {
    double count = 0;
    for (const kernel::Row row : rows) {
      if (row.text("what") == what && row.text("status") == status)
        count = static_cast<double>(row.integer("n"));
    }
    family.samples.push_back({.labels = {{"status", std::string(status)}}, .value = count});
  }
  return family;
}

std::vector<MetricFamily> row_metrics(std::span<const Rows> results, Instant /*now*/) {
  const Rows& rows = results.front();
  constexpr std::array<std::string_view, 3> kBatch = {"active", "completed", "failed"};
  constexpr std::array<std::string_view, 2> kCheckpoint = {"computed", "skipped"};
  return {by_status(gauge("am_batches", "Batches."), "batch", kBatch, rows),
          by_status(gauge("am_checkpoints", "Checkpoints, the baselines included."), "checkpoint",
                    kCheckpoint, rows)};
}

std::vector<Statement> ask_duties(Instant now, std::string_view /*zone*/) { return due_statements(now); }

std::vector<kernel::Duty> duties(std::span<const Rows> results, Instant now, std::string_view /*zone*/) {
  return duties_of(due_of({results.begin(), results.begin() + 2}, now));
}

std::string what_of_day(Date day) {
  const std::string what = "the closes of " + day.to_string();
  const auto closed = market::closed_reason(day);
  return closed ? what + ": none, " + std::string(*closed) : what;
}

std::vector<kernel::Duty> upcoming(Date first, int days, std::string_view /*zone*/) {
  std::vector<kernel::Duty> all;
  for (Date day = first; day < first + days; day = day + 1) {
    all.push_back({.job = std::string(kCheckpointJob),
                   .slot = "",
                   .text = what_of_day(day - 1),
                   .due_at = checkpoint_due_at(day - 1, 1)});
    if (day.weekday() != std::chrono::Monday) continue;
    all.push_back({.job = std::string(kWeeklyJob),
                   .slot = day.to_string(),
                   .text = "the batch of " + day.to_string() + ", from the closes of " +
                           baseline_session(day).to_string(),
                   .due_at = weekly_due_at(day)});
  }
  return all;
}

std::vector<kernel::SimulatedSlot> simulated(std::span<const kernel::Firing> firings, Instant from,
                                             Instant to) {
  std::vector<Firing> own;
  for (const kernel::Firing& each : firings)
    own.push_back({.at = each.at,
                   .weekly = each.schedule != kCheckpointSchedule,
                   .daily = each.schedule != kWeeklySchedule});
  std::vector<kernel::SimulatedSlot> slots;
  for (const SimulatedSlot& slot : simulate(own, from, to))
    slots.push_back({.duty = slot.due, .done_at = slot.done_at, .missed = slot.missed});
  return slots;
}

kernel::Requirements requirements(const kernel::Config& config) {
  kernel::Requirements all;
  if (config.text("picks.picker") == "openai") {
    all.secrets.push_back({"openai.api_key", "picker openai"});
    all.hosts.push_back({"host of openai", config.text("openai.base_url")});
  }
  all.add(market::requirements(config, config.text("picks.prices")));
  return all;
}

kernel::Verification verify(kernel::Db& db, std::optional<DateRange> days,
                            const kernel::VerifyProgress& progress) {
  return verify_data(db, days, progress);
}

constexpr std::string_view kWeeklySecrets[] = {"OPENAI_API_KEY", "ALPHA_VANTAGE_API_KEY"};
constexpr std::string_view kCheckpointSecrets[] = {"ALPHA_VANTAGE_API_KEY"};

constexpr kernel::Schedule kSchedules[] = {
    {.name = kWeeklySchedule,
     .call = "run-weekly",
     .summary = "make this week's batch",
     .remark =
         "Mondays from 9:00 in New York. The later hours, and the days to Friday, find the batch made, or "
         "make it when something was late.",
     .table = {.days = kernel::kWeekdays, .first_hour = 9, .last_hour = 13, .minute = 0},
     .secrets = kWeeklySecrets},
    {.name = kCheckpointSchedule,
     .call = "checkpoint --due",
     .summary = "measure every day that is due",
     .remark = "Daily from 9:05 in New York, when the day before is due; hourly, for closes that come late.",
     .table = {.first_hour = 9, .last_hour = 18, .minute = 5},
     .secrets = kCheckpointSecrets}};

constexpr std::string_view kTables[] = {"public.batches", "public.picks", "public.checkpoints",
                                        "public.pick_checkpoint_metrics"};

}  // namespace

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "picks",
                                  .jobs = jobs(),
                                  .keys = config_keys(),
                                  .schedules = kSchedules,
                                  .tables = kTables,
                                  .duties = {ask_duties, duties},
                                  .metrics = {rows_statements, row_metrics},
                                  .upcoming = upcoming,
                                  .simulate = simulated,
                                  .requirements = requirements,
                                  .verify = verify,
                                  .verified = "batches"};
  return kDesk;
}

}  // namespace am::picks
