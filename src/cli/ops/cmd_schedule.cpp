// What starts when: shown, told ahead, simulated and written for schedulers. Nothing here opens the database.

#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/file_write.hpp"
#include "am/kernel/new_york.hpp"
#include "am/kernel/version.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/simulate.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "schedule_picture.hpp"
#include "schedules.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

kernel::CronZone zone_of(const std::optional<std::string>& name) {
  if (!name || *name == "utc") return kernel::CronZone::utc;
  if (*name == "new-york") return kernel::CronZone::new_york;
  throw Error(ErrorKind::usage, "--zone " + ellipsize(*name, 40) + ": expected utc or new-york");
}

bool is_tick(const std::optional<std::string>& style) {
  if (!style || *style == "tick") return true;
  if (*style == "lines") return false;
  throw Error(ErrorKind::usage, "--style " + ellipsize(*style, 40) + ": expected tick or lines");
}

// --- what falls due ---------------------------------------------------------------------------------------

struct DueMoment {
  std::string_view job;
  Instant at{};
  std::string what;
};

std::string what_of_day(Date day) {
  const std::string what = "the closes of " + day.to_string();
  const auto closed = market::closed_reason(day);
  return closed ? what + ": none, " + std::string(*closed) : what;
}

/// In the New York days from `first` on.
std::vector<DueMoment> due_moments(Date first, int days) {
  std::vector<DueMoment> all;
  for (Date day = first; day < first + days; day = day + 1) {
    all.push_back({picks::kCheckpointJob, picks::checkpoint_due_at(day - 1, 1), what_of_day(day - 1)});
    if (day.weekday() == std::chrono::Monday) {
      all.push_back({picks::kWeeklyJob, picks::weekly_due_at(day),
                     "the batch of " + day.to_string() + ", from the closes of " +
                         picks::baseline_session(day).to_string()});
    }
  }
  return all;
}

// --- show -------------------------------------------------------------------------------------------------

struct ScheduleShowOptions {
  bool picture = false;
};

void schedule_show_flags(Flags& f, ScheduleShowOptions& o) {
  f.on("--picture", o.picture, "the next seven days as a picture: what starts, and what falls due");
}

std::string picture_of(Instant now) {
  const Date first = kernel::new_york_date(now);
  const Instant from = kernel::new_york_instant(first, {});
  const Instant to = kernel::new_york_instant(first + 7, {});
  std::vector<PictureRow> rows;
  for (const Schedule& schedule : schedules()) {
    rows.push_back({schedule.tick ? "tick" : "lines", "am " + schedule.call,
                    kernel::firings(schedule.table, kernel::CronZone::new_york, from, to)});
  }
  PictureRow weekly{"due", std::string(picks::kWeeklyJob), {}};
  PictureRow daily{"due", std::string(picks::kCheckpointJob), {}};
  for (const DueMoment& due : due_moments(first, 7))
    (due.job == picks::kWeeklyJob ? weekly : daily).at.push_back(due.at);
  rows.push_back(std::move(weekly));
  rows.push_back(std::move(daily));
  return week_picture(rows, first);
}

Outcome schedule_show(const ScheduleShowOptions& o, Context& context) {
  const Instant now = context.clock.now();
  Table table({"style", "command", "when", "cron (UTC)", "next"});
  Json list = Json::array();
  for (const Schedule& schedule : schedules()) {
    const Instant next =
        kernel::firings(schedule.table, kernel::CronZone::new_york, now, now + std::chrono::days(8)).front();
    const std::string cron = kernel::cron_fields(schedule.table, kernel::CronZone::utc);
    table.add({schedule.tick ? "tick" : "lines", "am " + schedule.call,
               kernel::timetable_text(schedule.table), cron, kernel::new_york_text(next)});
    list.push_back({{"name", schedule.name},
                    {"style", schedule.tick ? "tick" : "lines"},
                    {"command", "am " + schedule.call},
                    {"when", kernel::timetable_text(schedule.table)},
                    {"cron_utc", cron},
                    {"cron_new_york", kernel::cron_fields(schedule.table, kernel::CronZone::new_york)},
                    {"systemd", kernel::systemd_calendar(schedule.table)},
                    {"next", format_rfc3339(next)}});
  }
  Outcome outcome;
  outcome.table = o.picture ? picture_of(now) : table.text();
  outcome.data = list.dump();
  return outcome;
}

// --- next -------------------------------------------------------------------------------------------------

struct ScheduleNextOptions {
  std::optional<int> days;
};

void schedule_next_flags(Flags& f, ScheduleNextOptions& o) {
  f.integer("--days", o.days, 1, 400, "how far to look ahead (14)");
}

Outcome schedule_next(const ScheduleNextOptions& o, Context& context) {
  const Instant now = context.clock.now();
  const Date today = kernel::new_york_date(now);
  Table table({"due at", "New York", "job", "what"});
  Json list = Json::array();
  for (const DueMoment& due : due_moments(today, o.days.value_or(14))) {
    if (due.at < now) continue;
    table.add({format_rfc3339(due.at), kernel::new_york_text(due.at), std::string(due.job), due.what});
    list.push_back({{"due_at", format_rfc3339(due.at)},
                    {"new_york", kernel::new_york_text(due.at)},
                    {"job", due.job},
                    {"what", due.what}});
  }
  Outcome outcome;
  outcome.table = table.text();
  outcome.data = list.dump();
  return outcome;
}

// --- simulate ---------------------------------------------------------------------------------------------

struct ScheduleSimulateOptions {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<std::string> style;
  std::optional<std::string> zone;
  std::optional<std::string> off;
};

void schedule_simulate_flags(Flags& f, ScheduleSimulateOptions& o) {
  f.date("--from", o.from, "first New York day (today)");
  f.date("--to", o.to, "last New York day (a year later)");
  f.text("--style", o.style, "tick|lines", "which schedule fires (tick)");
  f.text("--zone", o.zone, "utc|new-york", "of lines: whose hours (new-york, as systemd and Kubernetes do)");
  f.text("--off", o.off, "FROM/TO,…", "outages: nothing fires from one moment to another (RFC 3339)");
}

struct Outage {
  Instant from{};
  Instant to{};
};

std::vector<Outage> outages_of(const std::optional<std::string>& text) {
  std::vector<Outage> outages;
  if (!text) return outages;
  for (const std::string& part : split(*text, ',')) {
    const auto slash = part.find('/');
    const auto from = parse_rfc3339(part.substr(0, slash));
    const auto to = slash == std::string::npos ? std::nullopt : parse_rfc3339(part.substr(slash + 1));
    if (!from || !to || *to < *from) {
      throw Error(ErrorKind::usage,
                  "--off " + ellipsize(part, 60) +
                      ": not an outage (expected like 2026-03-07T00:00:00Z/2026-03-09T12:00:00Z)");
    }
    outages.push_back({*from, *to});
  }
  return outages;
}

std::vector<picks::Firing> firings_of(bool tick, kernel::CronZone zone, Instant from, Instant to,
                                      const std::vector<Outage>& outages) {
  std::vector<picks::Firing> all;
  for (const Schedule& schedule : schedules()) {
    if (schedule.tick != tick) continue;
    for (const Instant at : kernel::firings(schedule.table, zone, from, to)) {
      const bool off =
          std::ranges::any_of(outages, [&](const Outage& o) { return o.from <= at && at < o.to; });
      if (!off) all.push_back({.at = at, .weekly = schedule.weekly, .daily = schedule.daily});
    }
  }
  std::ranges::stable_sort(all, {}, &picks::Firing::at);
  return all;
}

std::string duration_of(Instant from, Instant to) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(to - from).count();
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

Outcome schedule_simulate(const ScheduleSimulateOptions& o, Context& context) {
  const Date first = o.from.value_or(kernel::new_york_date(context.clock.now()));
  const Date last = o.to.value_or(first + 364);
  if (last < first)
    throw Error(ErrorKind::usage, "--to " + last.to_string() + ": before --from " + first.to_string());
  if (last - first > 3660) throw Error(ErrorKind::usage, "--from and --to: more than ten years apart");
  const Instant from = kernel::new_york_instant(first, {});
  const Instant to = kernel::new_york_instant(last + 1, {});
  const kernel::CronZone zone = o.zone ? zone_of(o.zone) : kernel::CronZone::new_york;
  const std::vector<Outage> outages = outages_of(o.off);
  for (const Outage& outage : outages) {
    if (outage.to > from && outage.from < to) continue;
    throw Error(ErrorKind::usage,
                "--off " + format_rfc3339(outage.from) + "/" + format_rfc3339(outage.to) +
                    ": not within the days that are simulated, " + first.to_string() + " to " +
                    last.to_string(),
                "give --from and --to as well");
  }
  const std::vector<picks::Firing> firings = firings_of(is_tick(o.style), zone, from, to, outages);
  const std::vector<picks::SimulatedSlot> slots = picks::simulate(firings, from, to);

  constexpr std::chrono::minutes kSoon(65);  // of an hourly line that just missed it
  Table table({"job", "slot", "due, New York", "done, New York", "late by"});
  Json list = Json::array();
  long long done = 0;
  long long late = 0;
  long long missed = 0;
  for (const picks::SimulatedSlot& slot : slots) {
    const std::string name = slot.due.text;
    const bool is_late = slot.done_at && *slot.done_at > slot.due.due_at + kSoon;
    done += slot.done_at ? 1 : 0;
    late += is_late ? 1 : 0;
    missed += slot.missed ? 1 : 0;
    if (is_late || !slot.done_at) {
      table.add({slot.due.job, name, kernel::new_york_text(slot.due.due_at),
                 slot.done_at ? kernel::new_york_text(*slot.done_at) : "",
                 slot.missed     ? Cell("missed", Tone::bad)
                 : !slot.done_at ? Cell("still open", Tone::warning)
                                 : Cell(duration_of(slot.due.due_at, *slot.done_at))});
    }
    list.push_back({{"job", slot.due.job},
                    {"run_date", slot.due.run_date.to_string()},
                    {"day", slot.due.day ? Json(*slot.due.day) : Json()},
                    {"due_at", format_rfc3339(slot.due.due_at)},
                    {"done_at", slot.done_at ? Json(format_rfc3339(*slot.done_at)) : Json()},
                    {"missed", slot.missed}});
  }
  Outcome outcome;
  outcome.counts = {{"firings", static_cast<long long>(firings.size())},
                    {"slots", static_cast<long long>(slots.size())},
                    {"done", done},
                    {"late", late},
                    {"missed", missed}};
  outcome.table = std::to_string(firings.size()) + " firings, " + std::to_string(slots.size()) +
                  " slots: " + std::to_string(done) + " done, " + std::to_string(late) +
                  " of them more than an hour late; " + std::to_string(missed) + " weeks missed\n" +
                  (table.empty() ? "" : table.text(context.options.color));
  outcome.data = list.dump();
  return outcome;
}

// --- export -----------------------------------------------------------------------------------------------

struct ScheduleExportOptions {
  std::optional<std::string> format;
  std::optional<std::string> style;
  std::optional<std::string> zone;
  std::optional<std::string> program;
  std::optional<std::string> image;
  std::optional<std::string> to;
};

void schedule_export_flags(Flags& f, ScheduleExportOptions& o) {
  f.text("--format", o.format, "cron|systemd|kubernetes", "for which scheduler");
  f.text("--style", o.style, "tick|lines", "cron: which lines are active, the others are comments (tick)");
  f.text("--zone", o.zone, "utc|new-york", "cron: the machine's time zone (utc)");
  f.text("--program", o.program, "PATH", "cron and systemd: where am is installed (/usr/bin/am)");
  f.text("--image", o.image, "IMAGE", "kubernetes: the container image");
  f.text("--to", o.to, "DIR", "write the files there instead of printing them");
}

/// A word of a unit, a crontab or a manifest: nothing that any of them would take apart.
std::string plain(const std::string& flag, const std::string& value, const char* more) {
  const bool good = std::ranges::all_of(value, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::strchr(more, c) != nullptr;
  });
  if (!good)
    throw Error(ErrorKind::usage,
                flag + " " + ellipsize(value, 80) + ": has a character that does not belong there");
  return value;
}

Outcome schedule_export(const ScheduleExportOptions& o, Context& /*context*/) {
  const std::string format = o.format.value_or("");
  if (format != "cron" && format != "systemd" && format != "kubernetes") {
    throw Error(ErrorKind::usage,
                o.format ? "--format " + ellipsize(format, 40) + ": expected cron, systemd or kubernetes"
                         : "needs --format cron, systemd or kubernetes");
  }
  if (format != "cron" && (o.style || o.zone))
    throw Error(ErrorKind::usage, "--style and --zone: only with --format cron");
  if (format == "kubernetes" && o.program)
    throw Error(ErrorKind::usage, "--program: not with --format kubernetes");
  if (format != "kubernetes" && o.image)
    throw Error(ErrorKind::usage, "--image: only with --format kubernetes");
  ExportOptions options;
  options.image = "registry.example.org/am:" + std::string(kernel::version());
  if (o.program) options.program = plain("--program", *o.program, "/._+-");
  if (o.image) options.image = plain("--image", *o.image, "/._:@-");
  if (!options.program.starts_with("/"))
    throw Error(ErrorKind::usage,
                "--program " + ellipsize(options.program, 80) + ": expected an absolute path");
  options.tick = is_tick(o.style);
  options.zone = zone_of(o.zone);
  const std::vector<ExportedFile> files = format == "cron"      ? export_cron(options)
                                          : format == "systemd" ? export_systemd(options)
                                                                : export_kubernetes(options);
  Outcome outcome;
  Json list = Json::array();
  for (const ExportedFile& file : files) {
    list.push_back({{"name", file.name}, {"text", file.text}});
    if (o.to) {
      kernel::write_file_atomically(*o.to + "/" + file.name, file.text);
      outcome.kind = OutcomeKind::changed;
      outcome.table += *o.to + "/" + file.name + "\n";
      continue;
    }
    if (format == "kubernetes") outcome.table += "---\n";
    if (files.size() > 1) outcome.table += "# " + file.name + "\n";
    outcome.table += file.text;
    if (format == "systemd") outcome.table += "\n";
  }
  outcome.counts = {{"files", static_cast<long long>(files.size())}};
  outcome.data = list.dump();
  return outcome;
}

}  // namespace

std::vector<Command> schedule() {
  return {
      make_command<ScheduleShowOptions>({.path = "schedule show",
                                         .summary = "what is started when, in both styles",
                                         .details = "",
                                         .examples = {"am schedule show", "am schedule show --picture"},
                                         .exits = {},
                                         .config = {}},
                                        schedule_show_flags, schedule_show),
      make_command<ScheduleNextOptions>(
          {.path = "schedule next",
           .summary = "what falls due in the days to come, holidays and clock changes included",
           .details = "",
           .examples = {"am schedule next", "am schedule next --days 120"},
           .exits = {},
           .config = {}},
          schedule_next_flags, schedule_next),
      make_command<ScheduleSimulateOptions>(
          {.path = "schedule simulate",
           .summary = "what a schedule would do over months, with outages, without running anything",
           .details = "Every run succeeds at once in it: what is late or missed is the schedule's doing.",
           .examples = {"am schedule simulate",
                        "am schedule simulate --from 2026-03-01 --to 2026-03-31 --off "
                        "2026-03-07T00:00:00Z/2026-03-16T12:00:00Z"},
           .exits = {},
           .config = {}},
          schedule_simulate_flags, schedule_simulate),
      make_command<ScheduleExportOptions>(
          {.path = "schedule export",
           .summary = "the schedule as crontab lines, systemd units or Kubernetes manifests",
           .details = "",
           .examples =
               {"am schedule export --format cron",
                "am schedule export --format systemd --program /usr/local/bin/am --to /etc/systemd/system",
                "am schedule export --format kubernetes --image registry.example.org/am:0.1.0"},
           .exits = {ExitCode::no_input, ExitCode::denied},
           .config = {}},
          schedule_export_flags, schedule_export)};
}

}  // namespace am::cli
