// What starts when: shown, told ahead and simulated. Nothing here opens the database.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/range_of.hpp"
#include "cli/table.hpp"
#include "schedule_picture.hpp"
#include "schedules.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

/// What starts it: workers, sessions and servers belong to both styles.
std::string_view style_of(const kernel::Schedule& schedule) {
  switch (schedule.kind) {
    case kernel::ScheduleKind::tick:
      return "tick";
    case kernel::ScheduleKind::job:
      return "lines";
    case kernel::ScheduleKind::worker:
    case kernel::ScheduleKind::session:
    case kernel::ScheduleKind::server:
      return "both";
  }
  return "both";
}

/// What falls due in the New York days from `first` on, as far as the calendar alone tells; by desk, then as it tells it.
std::vector<kernel::Duty> upcoming(const Context& context, Date first, int days) {
  std::vector<kernel::Duty> all;
  for (const DeskFace& face : enabled_desks(context.config)) {
    if (face.desk->upcoming == nullptr) continue;
    for (kernel::Duty& duty : face.desk->upcoming(first, days, face.zone)) all.push_back(std::move(duty));
  }
  std::ranges::stable_sort(all, {},
                           [](const kernel::Duty& duty) { return kernel::new_york_date(duty.due_at); });
  return all;
}

// --- show -------------------------------------------------------------------------------------------------

struct ScheduleShowOptions {
  bool picture = false;
};

void schedule_show_flags(Flags& f, ScheduleShowOptions& o) {
  f.on("--picture", o.picture, "the next seven days as a picture: what starts, and what falls due");
}

std::string picture_of(const Context& context, Instant now) {
  const Date first = kernel::new_york_date(now);
  const Instant from = kernel::new_york_instant(first, {});
  const Instant to = kernel::new_york_instant(first + 7, {});
  std::vector<PictureRow> rows;
  for (const kernel::Schedule* schedule : schedules_here(context)) {
    if (schedule->kind == kernel::ScheduleKind::server) continue;
    rows.push_back({std::string(style_of(*schedule)), "am " + std::string(schedule->call),
                    kernel::firings(schedule->table, kernel::CronZone::new_york, from, to)});
  }
  const std::vector<kernel::Duty> duties = upcoming(context, first, 7);
  for (const DeskFace& face : enabled_desks(context.config)) {
    for (const kernel::Job& job : face.desk->jobs) {
      PictureRow row{"due", std::string(job.name), {}};
      for (const kernel::Duty& duty : duties) {
        if (duty.job == job.name) row.at.push_back(duty.due_at);
      }
      rows.push_back(std::move(row));
    }
  }
  return week_picture(rows, first);
}

Outcome schedule_show(const ScheduleShowOptions& o, Context& context) {
  const Instant now = context.clock.now();
  Table table({"style", "command", "when", "cron (UTC)", "next"});
  Json list = Json::array();
  for (const kernel::Schedule* schedule : schedules_here(context)) {
    if (schedule->kind == kernel::ScheduleKind::server) continue;
    const Instant next =
        kernel::firings(schedule->table, kernel::CronZone::new_york, now, now + std::chrono::days(8)).front();
    const std::string cron = kernel::cron_fields(schedule->table, kernel::CronZone::utc);
    const std::string command = "am " + std::string(schedule->call);
    table.add({std::string(style_of(*schedule)), command, kernel::timetable_text(schedule->table), cron,
               kernel::new_york_text(next)});
    list.push_back({{"name", schedule->name},
                    {"style", style_of(*schedule)},
                    {"command", command},
                    {"when", kernel::timetable_text(schedule->table)},
                    {"cron_utc", cron},
                    {"cron_new_york", kernel::cron_fields(schedule->table, kernel::CronZone::new_york)},
                    {"systemd", kernel::systemd_calendar(schedule->table)},
                    {"next", format_rfc3339(next)}});
  }
  Outcome outcome;
  outcome.table = o.picture ? picture_of(context, now) : table.text();
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
  for (const kernel::Duty& due : upcoming(context, today, o.days.value_or(14))) {
    if (due.due_at < now) continue;
    table.add({format_rfc3339(due.due_at), kernel::new_york_text(due.due_at), due.job, due.text});
    list.push_back({{"due_at", format_rfc3339(due.due_at)},
                    {"new_york", kernel::new_york_text(due.due_at)},
                    {"job", due.job},
                    {"what", due.text}});
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

std::vector<kernel::Firing> firings_of(const Schedules& schedules, bool tick, kernel::CronZone zone,
                                       Instant from, Instant to, const std::vector<Outage>& outages) {
  const kernel::ScheduleKind kind = tick ? kernel::ScheduleKind::tick : kernel::ScheduleKind::job;
  std::vector<kernel::Firing> all;
  for (const kernel::Schedule* schedule : schedules) {
    if (schedule->kind != kind) continue;
    for (const Instant at : kernel::firings(schedule->table, zone, from, to)) {
      const bool off =
          std::ranges::any_of(outages, [&](const Outage& o) { return o.from <= at && at < o.to; });
      if (!off) all.push_back({.at = at, .schedule = schedule->name});
    }
  }
  std::ranges::stable_sort(all, {}, &kernel::Firing::at);
  return all;
}

std::string duration_of(Instant from, Instant to) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(to - from).count();
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

Outcome schedule_simulate(const ScheduleSimulateOptions& o, Context& context) {
  const Date start = o.from.value_or(kernel::new_york_date(context.clock.now()));
  const auto [first, last] = range_of(start, o.to.value_or(start + 364));
  if (last - first > 3660) throw Error(ErrorKind::usage, "--from and --to: more than ten years apart");
  const Instant from = kernel::new_york_instant(first, {});
  const Instant to = kernel::new_york_instant(last + 1, {});
  const kernel::CronZone zone = o.zone ? zone_named(o.zone) : kernel::CronZone::new_york;
  const std::vector<Outage> outages = outages_of(o.off);
  for (const Outage& outage : outages) {
    if (outage.to > from && outage.from < to) continue;
    throw Error(ErrorKind::usage,
                "--off " + format_rfc3339(outage.from) + "/" + format_rfc3339(outage.to) +
                    ": not within the days that are simulated, " + first.to_string() + " to " +
                    last.to_string(),
                "give --from and --to as well");
  }
  const std::vector<kernel::Firing> firings =
      firings_of(schedules_here(context), is_tick_style(o.style), zone, from, to, outages);
  std::vector<kernel::SimulatedSlot> slots;
  for (const DeskFace& face : enabled_desks(context.config)) {
    if (face.desk->simulate == nullptr) continue;
    for (kernel::SimulatedSlot& slot : face.desk->simulate(firings, from, to))
      slots.push_back(std::move(slot));
  }

  constexpr std::chrono::minutes kSoon(65);  // of an hourly line that just missed it
  Table table({"job", "slot", "due, New York", "done, New York", "late by"});
  Json list = Json::array();
  long long done = 0;
  long long late = 0;
  long long missed = 0;
  for (const kernel::SimulatedSlot& slot : slots) {
    const bool is_late = slot.done_at && *slot.done_at > slot.duty.due_at + kSoon;
    done += slot.done_at ? 1 : 0;
    late += is_late ? 1 : 0;
    missed += slot.missed ? 1 : 0;
    if (is_late || !slot.done_at) {
      table.add({slot.duty.job, slot.duty.text, kernel::new_york_text(slot.duty.due_at),
                 slot.done_at ? kernel::new_york_text(*slot.done_at) : "",
                 slot.missed     ? Cell("missed", Tone::bad)
                 : !slot.done_at ? Cell("still open", Tone::warning)
                                 : Cell(duration_of(slot.duty.due_at, *slot.done_at))});
    }
    list.push_back({{"job", slot.duty.job}});
    list.back().update(Json::parse("{" + slot.duty.data + "}"));
    list.back().update({{"due_at", format_rfc3339(slot.duty.due_at)},
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
                  " of them more than an hour late; " + std::to_string(missed) + " missed\n" +
                  (table.empty() ? "" : table.text(context.options.color));
  outcome.data = list.dump();
  return outcome;
}

}  // namespace

std::vector<Command> schedule() {
  return {make_command<ScheduleShowOptions>({.path = "schedule show",
                                             .summary = "what is started when, in both styles",
                                             .details = "",
                                             .examples = {"am schedule show", "am schedule show --picture"},
                                             .exits = {},
                                             .config = {"desks.enabled"}},
                                            schedule_show_flags, schedule_show),
          make_command<ScheduleNextOptions>(
              {.path = "schedule next",
               .summary = "what falls due in the days to come, holidays and clock changes included",
               .details = "",
               .examples = {"am schedule next", "am schedule next --days 120"},
               .exits = {},
               .config = {"desks.enabled"}},
              schedule_next_flags, schedule_next),
          make_command<ScheduleSimulateOptions>(
              {.path = "schedule simulate",
               .summary = "what a schedule would do over months, with outages, without running anything",
               .details = "Every run succeeds at once in it: what is late or missed is the schedule's doing.",
               .examples = {"am schedule simulate",
                            "am schedule simulate --from 2026-03-01 --to 2026-03-31 --off "
                            "2026-03-07T00:00:00Z/2026-03-16T12:00:00Z"},
               .exits = {},
               .config = {"desks.enabled"}},
              schedule_simulate_flags, schedule_simulate),
          schedule_export()};
}

}  // namespace am::cli
