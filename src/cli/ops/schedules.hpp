#pragma once
// What a scheduler starts, and when; and the same written for cron, systemd and Kubernetes. Two styles: the tick, one
// cheap command every few minutes that does what is due of every desk, and the lines, one command per job at its hours.
// Workers, sessions and servers belong to both. crontab.example, systemd/ and deploy/kubernetes/ are what the exports
// write for all desks (scripts/generate).

#include <optional>
#include <string>
#include <vector>

#include "am/cli/command.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/schedule.hpp"

namespace am::cli {

using Schedules = std::vector<const kernel::Schedule*>;

/// The tick, then those of the desks, the server last.
Schedules schedules_of(const kernel::Desks& desks);

/// Variables of a schedule's secrets: the database's first, which is needed; the others where they exist. The tick has
/// those of every job.
std::vector<std::string> secrets_of(const kernel::Schedule& schedule, const Schedules& all);

struct ExportOptions {
  Schedules schedules;
  std::string program = "/usr/bin/am";
  std::string image;  ///< of the containers
  bool tick = true;   ///< cron: which style is active; the other one is commented out
  kernel::CronZone zone = kernel::CronZone::utc;
  std::vector<std::string> landlocked{};  ///< sandbox keys that say so here
};

/// Whether what it runs is put into namespaces here.
bool needs_namespaces(const kernel::Schedule& schedule, const ExportOptions& options);

struct ExportedFile {
  std::string name;
  std::string text;
};

std::vector<ExportedFile> export_cron(const ExportOptions& options);
std::vector<ExportedFile> export_systemd(const ExportOptions& options);
std::vector<ExportedFile> export_kubernetes(const ExportOptions& options);

/// Of the desks that are enabled. Errors: as enabled_desks.
Schedules schedules_here(const Context& context);
/// What --zone and --style name. Errors: usage.
kernel::CronZone zone_named(const std::optional<std::string>& name);
bool is_tick_style(const std::optional<std::string>& style);
Command schedule_export();

/// "OPENAI_API_KEY" → "openai_api_key", the file's name under /etc/am/credentials.
std::string credential_file(const std::string& variable);

}  // namespace am::cli
