#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/forecast/desk.hpp"
#include "am/forecast/jobs.hpp"
#include "am/kernel/queue_admin.hpp"
#include "cli/ops/queue_commands.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct JobListOptions {
  std::optional<std::string> status;
  std::optional<int> limit;
};
struct JobOptions {
  std::string job;
  std::optional<std::string> reason;
};

std::string queue_name() { return std::string(forecast::jobs_queue().name); }

void list_flags(Flags& f, JobListOptions& o) {
  f.text("--status", o.status, "STATUS", "queued, running, done, failed, dead or cancelled");
  f.integer("--limit", o.limit, 1, 10000, "how many, the most urgent first (20)");
}

void job_flags(Flags& f, JobOptions& o) { f.word("job", o.job, "the job's key, or its id"); }

void cancel_flags(Flags& f, JobOptions& o) {
  job_flags(f, o);
  f.text("--reason", o.reason, "TEXT", "why; it is kept on the job and in its event");
}

Outcome run_list(const JobListOptions& o, Context& context) {
  return list_queue({.queue = queue_name(), .status = o.status, .limit = o.limit}, {&forecast::desk()},
                    context);
}

kernel::ItemInfo job_named(kernel::Sql& sql, const std::string& name) {
  const auto find = [&](const kernel::ItemNames& names) {
    return kernel::list_items(sql, forecast::jobs_queue(), {}, names, 1);
  };
  std::vector<kernel::ItemInfo> found = find({.keys = {name}});
  const auto id = parse_integer(name, 1, std::numeric_limits<long long>::max());
  if (found.empty() && id) found = find({.ids = {*id}});
  if (found.empty())
    throw Error(ErrorKind::no_input, "no job of the key or id " + shown(name),
                "list them with: am forecast jobs list");
  return std::move(found.front());
}

Outcome run_show(const JobOptions& o, Context& context) {
  const kernel::ItemInfo job = job_named(context.db(), o.job);
  const Result<forecast::JobPayload> payload = forecast::JobPayload::parse(job.payload_json);
  const long long days =
      context.db()
          .query("SELECT count(*) AS n FROM forecast.predictions_daily WHERE job = $1::bigint",
                 kernel::sql_values(job.id))
          .only()
          .integer("n");
  Json data = {{"id", job.id}, {"key", job.key}, {"status", job.status}};
  if (payload) {
    data["job_type"] = forecast::job_type_name(payload->type);
    data["series"] = payload->series;
    data["from"] = payload->from.to_string();
    data["to"] = payload->to.to_string();
    data["as_of"] = payload->as_of.to_string();
    data["revision"] = payload->revision;
  }
  data["priority"] = job.priority;
  data["attempts"] = std::to_string(job.attempts) + "/" + std::to_string(job.max_attempts);
  data["ready_at"] = format_rfc3339(job.ready_at);
  data["created_at"] = format_rfc3339(job.created_at);
  data["updated_at"] = format_rfc3339(job.updated_at);
  data["error"] = job.error_message.empty() ? Json() : Json(job.error_message);
  data["days_predicted"] = days;
  Table table({"field", "value"});
  for (const auto& [name, value] : data.items()) {
    std::string label = name;
    std::ranges::replace(label, '_', ' ');
    table.add({label, value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump()});
  }
  Outcome outcome;
  outcome.table = table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

Outcome run_retry(const JobOptions& o, Context& context) {
  return retry_in_queue({.queue = queue_name(), .item = o.job}, {&forecast::desk()}, context);
}
Outcome run_cancel(const JobOptions& o, Context& context) {
  return cancel_in_queue({.queue = queue_name(), .item = o.job, .reason = o.reason}, {&forecast::desk()},
                         context);
}

CommandInfo jobs_info(std::string path, std::string summary, std::string details,
                      std::vector<std::string> examples) {
  return {.path = "forecast jobs " + std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = {ExitCode::no_input, ExitCode::denied},
          .config = {"database.url"}};
}

}  // namespace

std::vector<Command> forecast_jobs_commands() {
  return {
      make_command<JobListOptions>(
          jobs_info("list", "jobs: what is open, dead or failed",
                    "With --status those of that status, the done and cancelled ones too.",
                    {"am forecast jobs list", "am forecast jobs list --status failed"}),
          list_flags, run_list),
      make_command<JobOptions>(
          jobs_info("show", "one job: what it asks for, and how it stands", "", {"am forecast jobs show 17"}),
          job_flags, run_show),
      make_command<JobOptions>(
          jobs_info("retry", "queue a job again that is dead, failed or cancelled",
                    "It is ready now, with all its attempts. What is queued, running or done stays as it is.",
                    {"am forecast jobs retry 17"}),
          job_flags, run_retry),
      make_command<JobOptions>(
          jobs_info("cancel", "take a job out of the queue, so that nobody works on it",
                    "A worker that has it writes nothing more; retry brings the job back.",
                    {"am forecast jobs cancel 17 --reason \"wrong range\""}),
          cancel_flags, run_cancel)};
}

}  // namespace am::cli
