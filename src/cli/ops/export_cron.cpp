#include <algorithm>

#include "schedules.hpp"

namespace am::cli {

namespace {

constexpr std::string_view kMailKey = "RESEND_API_KEY";

constexpr std::string_view kHead =
    R"(# Alpha Monday for cron, written by: am schedule export --format cron
# Copy the lines into `crontab -e` of the user that runs am, or to /etc/cron.d with a user name after the fifth column.
#
# Every command may run as often as you like: what is done is found and left alone, what is missing is done. --quiet
# prints nothing unless something failed, so cron mails only trouble.
#
# Two styles; use one. The tick knows by itself what is due when in New York, on whatever clock this machine runs. The
# other has a line for each job.
#
# Secrets: files named by DATABASE_URL_FILE and so on, readable by that user only; see docs/configuration.md.

)";

constexpr std::string_view kUtc =
    R"(# Hours of a machine in UTC: Debian's cron knows no other zone than the machine's. 9:00 in New York is 13:00 UTC in
# summer and 14:00 in winter, so these start at 14, after nine all year. On a machine in New York time:
# am schedule export --format cron --style lines --zone new-york
)";

constexpr std::string_view kNewYork = "# Hours of a machine in New York time.\n";

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string line(const kernel::Schedule& schedule, const ExportOptions& options, bool active) {
  return (active ? "" : "# ") + padded(kernel::cron_fields(schedule.table, options.zone), 16) + "  " +
         options.program + " " + std::string(schedule.call) + " --quiet\n";
}

}  // namespace

std::vector<ExportedFile> export_cron(const ExportOptions& options) {
  std::string text(kHead);
  std::vector<std::string> secrets;
  std::vector<std::string> pings;
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->kind == kernel::ScheduleKind::server) continue;
    pings.push_back(kernel::ping_variable(schedule->name));
    for (const std::string& name : secrets_of(*schedule, options.schedules)) {
      if (name != pings.back() && name != kMailKey && std::ranges::find(secrets, name) == secrets.end())
        secrets.push_back(name);
    }
  }
  pings.insert(pings.begin(), std::string(kMailKey));
  for (const std::string& name : secrets)
    text += name + "_FILE=/etc/am/credentials/" + credential_file(name) + "\n";
  text += "# Where these files exist: alerts by e-mail, and a dead-man's switch of the style that is used.\n";
  for (const std::string& name : pings)
    text += "# " + name + "_FILE=/etc/am/credentials/" + credential_file(name) + "\n";
  std::string tick;
  std::string lines;
  std::string both;
  for (const kernel::Schedule* schedule : options.schedules) {
    switch (schedule->kind) {
      case kernel::ScheduleKind::tick:
        tick += line(*schedule, options, options.tick);
        break;
      case kernel::ScheduleKind::job:
        lines += line(*schedule, options, !options.tick);
        break;
      case kernel::ScheduleKind::worker:
      case kernel::ScheduleKind::session:
        both += line(*schedule, options, true);
        break;
      case kernel::ScheduleKind::server:
        break;
    }
  }
  text += "\n# The tick.\n" + tick + "\n# A line for each job.\n";
  text += options.zone == kernel::CronZone::utc ? kUtc : kNewYork;
  text += lines;
  if (!both.empty()) text += "\n# Workers and sessions, in both styles.\n" + both;
  return {{"crontab.example", text}};
}

}  // namespace am::cli
