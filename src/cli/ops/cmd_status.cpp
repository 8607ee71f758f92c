#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/clock_guard.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/migrations.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"
#include "ops_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostNote = 120;

struct StatusOptions {
  bool check = false;
};

void status_flags(Flags& f, StatusOptions& o) {
  f.on("--check", o.check, "end with 10 when something is stale");
}

/// What one snapshot says.
struct StatusReading {
  kernel::Overview overview;
  kernel::ClockReading clock;
};

StatusReading read_status(Context& context) {
  const kernel::OverviewReading reading(desks_of(enabled_desks(context.config)), context.rate_limits(),
                                        context.clock.now(), disabled_desks(context.config));
  std::vector<kernel::Statement> statements = reading.statements();
  statements.push_back({std::string(kernel::kDatabaseClockSql), {}});
  kernel::Db& db = context.db();
  const Instant before = context.clock.host();
  const std::vector<kernel::Rows> results = kernel::read_snapshot(db, statements);
  const Instant database = results.back().only().micros("now");
  return {reading.make(results), kernel::compare_clocks(before, database, context.clock.host())};
}

/// What is stale, and before that a clock by which nothing is done. Under --now the commands go by that moment.
std::vector<kernel::Stale> stale_of(const StatusReading& reading, const kernel::Clock& clock) {
  const kernel::Overview& overview = reading.overview;
  std::vector<kernel::Stale> stale =
      kernel::stale_of(overview.kinds, overview.duties, overview.open, overview.now);
  const std::optional<Error> problem = kernel::clock_problem(reading.clock);
  if (problem && !clock.is_replaced())
    stale.insert(stale.begin(), {kernel::Stale::Code::clock, "", problem->message(), problem->hint()});
  return stale;
}

/// One job's line: the ledger's word on its latest run, and what is due.
struct JobLine {
  std::string job;
  const kernel::JobState* latest = nullptr;  ///< null: has never run here
  std::vector<const kernel::OpenRun*> running;
  std::optional<Instant> next_due{};
  std::optional<Instant> overdue_since{};
  std::size_t due = 0;  ///< slots that are due now
  bool stale = false;
};

JobLine job_line(const std::string& job, const kernel::Overview& reading,
                 const std::vector<kernel::Stale>& stale) {
  JobLine line{job, nullptr, {}};
  for (const kernel::JobState& state : reading.jobs) {
    if (state.job == job) line.latest = &state;
  }
  for (const kernel::OpenRun& run : reading.open) {
    if (run.job == job && run.status == "running") line.running.push_back(&run);
  }
  const std::vector<kernel::Standing> standings =
      kernel::standings(reading.duties, reading.open, reading.now);
  const auto kind = std::ranges::find(reading.kinds, job, &kernel::Job::name);
  for (std::size_t i = 0; i < reading.duties.size(); ++i) {
    const kernel::Duty& duty = reading.duties[i];
    if (duty.job != job) continue;
    if (!duty.is_due(reading.now)) {
      if (!line.next_due) line.next_due = duty.due_at;
      continue;
    }
    ++line.due;
    if (!line.overdue_since && kernel::is_overdue(*kind, duty, standings[i], reading.now))
      line.overdue_since = duty.due_at;
  }
  for (const kernel::Stale& found : stale) line.stale = line.stale || found.job == job;
  return line;
}

std::vector<JobLine> job_lines(const kernel::Overview& reading, const std::vector<kernel::Stale>& stale) {
  std::vector<std::string> names;
  for (const kernel::Job& job : reading.kinds) names.emplace_back(job.name);
  for (const kernel::JobState& state : reading.jobs) {
    if (std::ranges::find(names, state.job) == names.end()) names.push_back(state.job);
  }
  std::vector<JobLine> lines;
  for (const std::string& name : names) lines.push_back(job_line(name, reading, stale));
  return lines;
}

std::string moment_text(const std::optional<Instant>& at, const std::string& none) {
  return at ? format_rfc3339(*at) : none;
}

std::string note_of(const JobLine& line) {
  if (line.overdue_since) return "overdue since " + format_rfc3339(*line.overdue_since);
  if (!line.running.empty()) {
    const kernel::OpenRun& run = *line.running.front();
    return "since " + format_rfc3339(run.started_at) + " by " + holder_text(run.holder);
  }
  if (line.latest == nullptr) return "";
  if (line.latest->not_before) return "not before " + format_rfc3339(*line.latest->not_before);
  return ellipsize(line.latest->error, kMostNote);
}

Cell state_of_job(const JobLine& line) {
  const std::string state = !line.running.empty()    ? "running"
                            : line.latest == nullptr ? "never ran"
                                                     : line.latest->status;
  const Tone tone = line.stale                            ? Tone::bad
                    : state == "done"                     ? Tone::good
                    : state == "running" || line.due == 0 ? Tone::plain
                                                          : Tone::warning;
  return {state, tone};
}

std::string jobs_table(const std::vector<JobLine>& lines, bool color) {
  Table table({"job", "latest run", "attempts", "last success", "due", "next due", "note"});
  for (const JobLine& line : lines) {
    table.add({line.job, state_of_job(line),
               line.latest == nullptr ? "" : std::to_string(line.latest->attempts),
               moment_text(line.latest == nullptr ? std::nullopt : line.latest->last_success, "never"),
               std::to_string(line.due), moment_text(line.next_due, "-"),
               Cell(note_of(line), line.overdue_since ? Tone::bad : Tone::plain)});
  }
  return table.text(color);
}

std::string budgets_table(const std::vector<kernel::BudgetState>& budgets, bool color) {
  Table table({"budget", "period", "used", "limit", "paused"});
  for (const kernel::BudgetState& budget : budgets) {
    for (const kernel::BudgetWindow& window : budget.windows) {
      const std::string reason =
          budget.pause_reason.empty() ? "" : ": " + ellipsize(budget.pause_reason, kMostNote);
      table.add({budget.key, kernel::period_text(window.period),
                 Cell(std::to_string(window.used), window.used >= window.limit ? Tone::warning : Tone::plain),
                 std::to_string(window.limit),
                 budget.paused_until
                     ? Cell("until " + format_rfc3339(*budget.paused_until) + reason, Tone::warning)
                     : Cell("no")});
    }
  }
  return table.empty() ? "" : "\n" + table.text(color);
}

/// Where a desk has queues; else nothing is said of them.
std::string queues_table(const std::vector<kernel::QueueState>& queues, bool color) {
  Table table({"queue", "ready", "later", "running", "dead", "failed", "oldest ready"});
  for (const kernel::QueueState& queue : queues) {
    table.add({queue.queue, kernel::item_count_text(queue.ready), kernel::item_count_text(queue.later),
               kernel::item_count_text(queue.running),
               Cell(kernel::item_count_text(queue.dead), queue.dead > 0 ? Tone::bad : Tone::plain),
               Cell(kernel::item_count_text(queue.failed), queue.failed > 0 ? Tone::warning : Tone::plain),
               moment_text(queue.oldest_ready, "-")});
  }
  return table.empty() ? "" : "\n" + table.text(color);
}

Json queues_json(const std::vector<kernel::QueueState>& queues) {
  Json list = Json::array();
  for (const kernel::QueueState& queue : queues) {
    Json json{{"queue", queue.queue}};
    for (const auto& [state, n] : queue.counts()) json[std::string(state)] = n;
    json["oldest_ready"] = moment_json(queue.oldest_ready);
    list.push_back(std::move(json));
  }
  return list;
}

std::string stale_text(const std::vector<kernel::Stale>& stale, bool color) {
  if (stale.empty()) return "\n" + painted("nothing is stale", Tone::good, color) + "\n";
  std::string text = "\n";
  for (const kernel::Stale& each : stale) {
    text += painted("stale:", Tone::bad, color) + " " + printable_lines(each.message) + "\n" +
            painted("hint:", Tone::warning, color) + " " + printable_lines(each.hint) + "\n";
  }
  return text;
}

Json job_json(const JobLine& line) {
  Json json{
      {"job", line.job},
      {"status", line.latest == nullptr ? Json() : Json(line.latest->status)},
      {"slot", line.latest == nullptr ? Json() : Json(line.latest->slot)},
      {"run_id", line.latest == nullptr ? Json() : Json(line.latest->id)},
      {"attempts", line.latest == nullptr ? 0 : line.latest->attempts},
      {"started_at", line.latest == nullptr ? Json() : moment_json(line.latest->started_at)},
      {"last_success", line.latest == nullptr ? Json() : moment_json(line.latest->last_success)},
      {"not_before", line.latest == nullptr ? Json() : moment_json(line.latest->not_before)},
      {"error", line.latest == nullptr || line.latest->error.empty() ? Json() : Json(line.latest->error)},
      {"due", line.due},
      {"next_due", moment_json(line.next_due)},
      {"overdue_since", moment_json(line.overdue_since)}};
  json["running"] = Json::array();
  for (const kernel::OpenRun* run : line.running) {
    json["running"].push_back({{"run_id", run->id},
                               {"slot", run->slot},
                               {"since", format_rfc3339(run->started_at)},
                               {"attempt", run->attempt},
                               {"lease_live", run->lease_live},
                               {"holder", run->holder.empty() ? Json() : Json::parse(run->holder)}});
  }
  return json;
}

Outcome status_run(const StatusOptions& o, Context& context) {
  const StatusReading reading = read_status(context);
  const std::vector<kernel::Stale> stale = stale_of(reading, context.clock);
  const std::vector<JobLine> lines = job_lines(reading.overview, stale);
  const std::size_t schema = kernel::embedded_migrations().size();  // exactly this, or db() had refused it
  const std::string database = context.db().describe();
  const bool color = context.options.color;

  Outcome outcome;
  outcome.table = database + " (schema " + std::to_string(schema) + ")\n\n" + jobs_table(lines, color) +
                  budgets_table(reading.overview.budgets, color) +
                  queues_table(reading.overview.queues, color) + stale_text(stale, color);
  Json data{{"now", format_rfc3339(reading.overview.now)}, {"database", database}, {"schema", schema}};
  data["clock"] = {{"host", format_rfc3339(reading.clock.host)},
                   {"database", format_rfc3339(reading.clock.database)},
                   {"apart_s", reading.clock.apart / std::chrono::seconds(1)}};
  data["jobs"] = Json::array();
  data["budgets"] = Json::array();
  data["queues"] = queues_json(reading.overview.queues);
  data["stale"] = Json::array();
  for (const JobLine& line : lines) data["jobs"].push_back(job_json(line));
  for (const kernel::BudgetState& budget : reading.overview.budgets)
    data["budgets"].push_back(budget_json(budget));
  for (const kernel::Stale& each : stale) {
    data["stale"].push_back({{"code", stale_code_name(each.code)},
                             {"job", each.job.empty() ? Json() : Json(each.job)},
                             {"message", each.message},
                             {"hint", each.hint}});
  }
  outcome.data = data.dump();
  outcome.counts = {{"stale", static_cast<long long>(stale.size())}};
  if (o.check && !stale.empty()) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
    // --quiet prints no table, but the log of a run that found something: what cron mails.
    for (const kernel::Stale& each : stale) {
      if (context.options.quiet) context.log.warn(each.message, {{"job", each.job}, {"hint", each.hint}});
    }
  }
  return outcome;
}

}  // namespace

Command status_command() {
  return make_command<StatusOptions>(
      {.path = "status",
       .summary = "how each job stands: last success, what is due, what is stale",
       .details =
           "Stale is a slot that has been due for more than two hours (26, when its run was put off), a run that "
           "failed, a run that was abandoned while its slot is due, and a run whose process died; and a clock of this "
           "host that is more than 5 minutes from the database's, by which nothing is done.",
       .examples = {"am status", "am status --check --quiet"},
       .exits = {ExitCode::found, ExitCode::denied},
       .config = {"database.url", "desks.enabled", "alpha_vantage.limits", "stooq.limits"}},
      status_flags, status_run);
}

}  // namespace am::cli
