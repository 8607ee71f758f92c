#include "am/kernel/new_york.hpp"
#include "am/kernel/queue_admin.hpp"
#include "sample_desk.hpp"

namespace am::sample {

namespace {

using kernel::Duty;
using kernel::Rows;
using kernel::Statement;

constexpr int kDaysBack = 3;

Instant nine_of(Date day) { return kernel::new_york_instant(day, std::chrono::hours(9)); }

Duty count_duty(Date day) {
  return {.job = std::string(kCountJob),
          .slot = day.to_string(),
          .text = "the notes of " + day.to_string(),
          .page = "/pages/sample",
          .data = R"("day":")" + day.to_string() + '"',
          .due_at = nine_of(day)};
}

Duty tidy_duty(Date day) {
  while (day.weekday() != std::chrono::Sunday) day = day + 1;
  return {.job = std::string(kTidyJob),
          .slot = day.to_string(),
          .text = "the tidying of " + day.to_string(),
          .due_at = nine_of(day)};
}

std::vector<Statement> ask_counted(Instant now) {
  return {{"SELECT day FROM sample.counts WHERE day >= $1::date",
           kernel::sql_values(kernel::new_york_date(now) - kDaysBack)}};
}

/// Of the last days those that nobody counted, and the next one.
std::vector<Duty> make_duties(std::span<const Rows> results, Instant now) {
  const Date today = kernel::new_york_date(now);
  std::vector<Duty> all;
  for (Date day = today - kDaysBack; all.empty() || all.back().is_due(now); day = day + 1) {
    bool counted = false;
    for (std::size_t i = 0; i < results[0].size(); ++i) counted = counted || results[0][i].date("day") == day;
    if (!counted) all.push_back(count_duty(day));
  }
  all.push_back(tidy_duty(today + 1));
  return all;
}

std::vector<Statement> ask_notes(Instant /*now*/) { return {{"SELECT count(*) AS n FROM sample.notes", {}}}; }

std::vector<kernel::MetricFamily> make_metrics(std::span<const Rows> results, Instant /*now*/) {
  return {{.name = "am_sample_notes",
           .help = "Notes.",
           .type = kernel::MetricType::gauge,
           .samples = {{.labels = {}, .value = static_cast<double>(results[0].only().integer("n"))}}}};
}

std::vector<Duty> upcoming(Date first, int days) {
  std::vector<Duty> all;
  for (Date day = first; day < first + days; day = day + 1) all.push_back(count_duty(day));
  return all;
}

kernel::Requirements requirements(const kernel::Config& config) {
  return {.secrets = {{"sample.key", "the sample's vendor"}},
          .hosts = {{"host of sample", config.text("sample.base_url")}},
          .remarks = {}};
}

kernel::Verification verify(kernel::Db& db, std::optional<DateRange> days,
                            const kernel::VerifyProgress& /*progress*/) {
  kernel::Verification result;
  result.noun = "day";
  result.member = "day";
  const Rows rows = db.query("SELECT day, n FROM sample.counts ORDER BY day");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Date day = rows[i].date("day");
    if (days && (day < days->first || days->last < day)) continue;
    if (rows[i].integer("n") < 0) result.find({day.to_string(), "notes", "0 or more", rows[i].text("n")});
  }
  result.counts = {{"days", static_cast<long long>(rows.size())}};
  result.looked_at = std::to_string(rows.size()) + " days";
  return result;
}

constexpr kernel::Job kJobs[] = {{.name = kCountJob, .command = "am sample count"},
                                 {.name = kTidyJob, .command = "am sample tidy"}};
constexpr kernel::ConfigKey kKeys[] = {
    {"sample.key", "SAMPLE_KEY", kernel::KeyType::secret, "", "key of the sample's vendor"},
    kernel::url_key("sample.base_url", "SAMPLE_BASE_URL", "https://sample.example.org", "the sample's vendor",
                    "/v1"),
    {"sample.limits", "SAMPLE_LIMITS", kernel::KeyType::rate, "7/min",
     "requests for all processes together"}};
constexpr std::string_view kSecrets[] = {"SAMPLE_KEY"};
constexpr kernel::Schedule kSchedules[] = {
    {.name = "sample-count",
     .call = "sample count",
     .summary = "count the notes",
     .remark = "Daily at 9 in New York.",
     .table = {.first_hour = 9, .last_hour = 9, .minute = 5},
     .secrets = kSecrets},
    {.name = "sample-errands",
     .call = "sample errands",
     .summary = "run errands",
     .remark = "Every 10 minutes, until none is left.",
     .kind = kernel::ScheduleKind::worker,
     .table = {.every_minutes = 10},
     .limit = std::chrono::hours(2),
     .queue = "sample.errands",
     .most = 4,
     .least = 1,
     .items_each = 20},
    {.name = "sample-watch",
     .call = "sample watch",
     .summary = "watch the notes",
     .remark = "On weekdays, within the session.",
     .kind = kernel::ScheduleKind::session,
     .table = {.every_minutes = 5, .days = kernel::kWeekdays, .first_hour = 9, .last_hour = 16},
     .limit = std::chrono::hours(8),
     .sandboxes = true}};
constexpr std::string_view kTables[] = {"sample.notes", "sample.counts", "sample.errands"};
constexpr kernel::PruneRule kPrune[] = {{"notes", "sample.notes", "made_at < $1::timestamptz"}};

}  // namespace

const kernel::QueueSpec& errands() {
  static const kernel::QueueSpec kErrands{.name = "errands", .table = "sample.errands"};
  return kErrands;
}

std::string schema_sql() {
  return "CREATE SCHEMA sample;"
         "CREATE TABLE sample.notes (note text, made_at timestamptz NOT NULL DEFAULT now());"
         "CREATE TABLE sample.counts (day date PRIMARY KEY, n bigint NOT NULL);" +
         kernel::queue_table_sql("sample.errands");
}

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "sample",
                                  .jobs = kJobs,
                                  .keys = kKeys,
                                  .schedules = kSchedules,
                                  .tables = kTables,
                                  .queues = std::span(&errands(), 1),
                                  .duties = {ask_counted, make_duties},
                                  .metrics = {ask_notes, make_metrics},
                                  .upcoming = upcoming,
                                  .requirements = requirements,
                                  .verify = verify,
                                  .verified = "days",
                                  .prune = kPrune};
  return kDesk;
}

}  // namespace am::sample
