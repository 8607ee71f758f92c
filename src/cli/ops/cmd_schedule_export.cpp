// The schedules written for cron, systemd and Kubernetes. Nothing here opens the database.

#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/file_write.hpp"
#include "am/kernel/version.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "schedules.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

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

Outcome schedule_export(const ScheduleExportOptions& o, Context& context) {
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
  options.schedules = schedules_here(context);
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->sandbox_key.empty()) continue;
    if (context.config.text(schedule->sandbox_key) == "landlock")
      options.landlocked.emplace_back(schedule->sandbox_key);
  }
  options.image = "registry.example.org/am:" + std::string(kernel::version());
  if (o.program) options.program = plain("--program", *o.program, "/._+-");
  if (o.image) options.image = plain("--image", *o.image, "/._:@-");
  if (!options.program.starts_with("/"))
    throw Error(ErrorKind::usage,
                "--program " + ellipsize(options.program, 80) + ": expected an absolute path");
  options.tick = is_tick_style(o.style);
  options.zone = zone_named(o.zone);
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

kernel::CronZone zone_named(const std::optional<std::string>& name) {
  if (!name || *name == "utc") return kernel::CronZone::utc;
  if (*name == "new-york") return kernel::CronZone::new_york;
  throw Error(ErrorKind::usage, "--zone " + ellipsize(*name, 40) + ": expected utc or new-york");
}

bool is_tick_style(const std::optional<std::string>& style) {
  if (!style || *style == "tick") return true;
  if (*style == "lines") return false;
  throw Error(ErrorKind::usage, "--style " + ellipsize(*style, 40) + ": expected tick or lines");
}

Schedules schedules_here(const Context& context) {
  return schedules_of(desks_of(enabled_desks(context.config)));
}

Command schedule_export() {
  return make_command<ScheduleExportOptions>(
      {.path = "schedule export",
       .summary = "the schedule as crontab lines, systemd units or Kubernetes manifests",
       .details = "",
       .examples =
           {"am schedule export --format cron",
            "am schedule export --format systemd --program /usr/local/bin/am --to /etc/systemd/system",
            "am schedule export --format kubernetes --image registry.example.org/am:0.1.0"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = config_of({"desks.enabled"}, true)},
      schedule_export_flags, schedule_export);
}

}  // namespace am::cli
