#pragma once
// What a scheduler starts, and when; and the same written for cron, systemd and Kubernetes. Two styles: the tick, one
// cheap command every few minutes, and the lines, one command per job at its hours. crontab.example, systemd/ and
// deploy/kubernetes/ are what the exports write (scripts/generate).

#include <string>
#include <vector>

#include "am/kernel/timetable.hpp"

namespace am::cli {

struct Schedule {
  std::string name;     ///< "run-weekly": of the unit and the CronJob, after "am-"
  std::string call;     ///< what follows "am"
  std::string summary;  ///< a sentence's end: "make this week's batch"
  std::string remark;   ///< a comment beside the hours
  kernel::Timetable table;
  bool tick = false;
  bool weekly = false;               ///< it makes batches
  bool daily = false;                ///< it measures days
  std::vector<std::string> secrets;  ///< variables; the first is needed, the others where they exist
};

/// The tick first, then the lines.
const std::vector<Schedule>& schedules();

struct ExportOptions {
  std::string program = "/usr/bin/am";
  std::string image;  ///< of the containers
  bool tick = true;   ///< cron: which style is active; the other one is commented out
  kernel::CronZone zone = kernel::CronZone::utc;
};

struct ExportedFile {
  std::string name;
  std::string text;
};

std::vector<ExportedFile> export_cron(const ExportOptions& options);
std::vector<ExportedFile> export_systemd(const ExportOptions& options);
std::vector<ExportedFile> export_kubernetes(const ExportOptions& options);

/// "OPENAI_API_KEY" → "openai_api_key", the file's name under /etc/am/credentials.
std::string credential_file(const std::string& variable);

}  // namespace am::cli
