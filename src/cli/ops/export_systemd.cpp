// Units: one service and timer per schedule, the server, and what is started when one of them fails.

#include "schedules.hpp"

namespace am::cli {

namespace {

constexpr std::string_view kUnitOrigin = "# Written by: am schedule export --format systemd\n";

// One place for all: `systemd-analyze security` finds little left to take away from a program that talks to the network.
constexpr std::string_view kHardening = R"(
DynamicUser=yes
User=am
UMask=0077
CapabilityBoundingSet=
# A core dump would hold the secrets.
LimitCORE=0
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# Not ProcSubset=pid: it hides the boot id, and then a killed run is taken over only when its lease ends.
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
)";

constexpr std::string_view kNoSandbox = R"(RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
)";

constexpr std::string_view kSandbox =
    R"(# What it runs in a sandbox of its own needs namespaces, or Landlock.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=user mnt pid net ipc uts cgroup
SystemCallFilter=@system-service @mount
SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self
)";

constexpr std::string_view kLandlock =
    R"(# What it runs is held by Landlock, without namespaces.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
SystemCallFilter=@system-service
SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self
)";

std::string hardening(std::string_view of_what_it_runs = kNoSandbox) {
  return std::string(kHardening) + std::string(of_what_it_runs);
}

std::string_view sandbox_of(const kernel::Schedule& schedule, const ExportOptions& options) {
  if (!schedule.sandboxes) return kNoSandbox;
  return needs_namespaces(schedule, options) ? kSandbox : kLandlock;
}

std::string load_credential(const std::string& variable, const std::string& file) {
  return "LoadCredential=" + variable + ":/etc/am/credentials/" + file + "\n";
}

/// Where there is no file it is a blank line, which counts as no secret (an empty credential is none to systemd).
std::string optional_credential(const std::string& variable) {
  return load_credential(variable, credential_file(variable)) + "SetCredential=" + variable + ":\\n\n";
}

std::string credentials(const std::vector<std::string>& variables) {
  std::string text =
      "\n# Secrets, one file each, readable by root only; am finds them in $CREDENTIALS_DIRECTORY.\n" +
      load_credential(variables.front(), credential_file(variables.front()));
  for (std::size_t i = 1; i < variables.size(); ++i) text += optional_credential(variables[i]);
  return text;
}

std::string unit_head(const std::string& summary) {
  return "[Unit]\nDescription=Alpha Monday: " + summary +
         "\nDocumentation=man:am(1)\nWants=network-online.target\nAfter=network-online.target\n";
}

std::string limit_text(std::chrono::seconds limit) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(limit);
  return minutes == limit ? std::to_string(minutes.count()) + "min" : std::to_string(limit.count()) + "s";
}

/// second: what begins while the last one has not let go yet is two units: systemd starts none that still runs.
std::string unit_of(const kernel::Schedule& schedule, bool second = false) {
  return std::string(schedule.name) + (second ? "-2" : "");
}

std::string service(const kernel::Schedule& schedule, const std::string& name, const ExportOptions& options) {
  const bool brief =
      schedule.kind == kernel::ScheduleKind::tick || schedule.kind == kernel::ScheduleKind::job;
  return std::string(kUnitOrigin) + "# Started by am-" + name + ".timer; by hand: systemctl start am-" +
         name + "\n" + unit_head(std::string(schedule.summary)) +
         "OnFailure=am-alert@%n.service\n"
         "\n[Service]\nType=oneshot\nExecStart=" +
         options.program + " " + std::string(schedule.call) +
         "\n# Busy, deferred and asked to end: the next firing goes on.\n"
         "SuccessExitStatus=11 75 143\n" +
         (brief ? "# A vendor's timeouts, retries and the waits for its request budget are far within this.\n"
                : "# It ends itself before; what is cut off goes on with the next start.\n") +
         "TimeoutStartSec=" + limit_text(schedule.limit) + "\n" +
         credentials(secrets_of(schedule, options.schedules)) + hardening(sandbox_of(schedule, options));
}

std::string timer(const kernel::Schedule& schedule) {
  // A start that was missed is made up for, but for a session's: the next one is minutes away.
  const bool persistent = schedule.kind != kernel::ScheduleKind::session;
  return std::string(kUnitOrigin) + "# " + std::string(schedule.remark) +
         "\n[Unit]\nDescription=Alpha Monday: " + std::string(schedule.summary) +
         "\n\n[Timer]\nOnCalendar=" + kernel::systemd_calendar(schedule.table) + "\n" +
         (persistent ? "Persistent=yes\n" : "") + "AccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n";
}

/// Of one that reads only the database's URL is a role's that may do no more.
std::string server_credentials(const kernel::Schedule& schedule, const ExportOptions& options) {
  if (schedule.writes) return credentials(secrets_of(schedule, options.schedules));
  return "\n# For a role that has only SELECT; readable by root only. am finds it in $CREDENTIALS_DIRECTORY.\n" +
         load_credential("DATABASE_URL", "database_url_readonly");
}

std::string server_service(const kernel::Schedule& schedule, const ExportOptions& options) {
  return std::string(kUnitOrigin) + "# systemctl enable --now am-" + std::string(schedule.name) + "\n" +
         unit_head(std::string(schedule.summary)) +
         "OnFailure=am-alert@%n.service\n"
         "\n[Service]\nType=notify\nExecStart=" +
         options.program + " " + std::string(schedule.call) +
         "\n"
         "Restart=on-failure\nRestartSec=5\n"
         "# Wrong flags, privileges or configuration: a restart would not help.\n"
         "RestartPreventExitStatus=64 " +
         std::string(schedule.writes ? "70 " : "") +
         "77 78\n"
         "TimeoutStopSec=20\n" +
         server_credentials(schedule, options) + hardening() + "\n[Install]\nWantedBy=multi-user.target\n";
}

std::string alert_service(const ExportOptions& options) {
  return std::string(kUnitOrigin) +
         "# Started when a unit of ours fails: tells what the command could not tell itself, a crash or a timeout.\n" +
         unit_head("tell that %i failed") + "\n[Service]\nType=oneshot\nExecStart=" + options.program +
         " alert unit %i\nTimeoutStartSec=5min\n\n# None is needed to start: a missing one may be what it has to tell.\n" +
         optional_credential("DATABASE_URL") + optional_credential("RESEND_API_KEY") + hardening();
}

}  // namespace

std::vector<ExportedFile> export_systemd(const ExportOptions& options) {
  std::vector<ExportedFile> files;
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->kind == kernel::ScheduleKind::server) {
      files.push_back({"am-" + unit_of(*schedule) + ".service", server_service(*schedule, options)});
      continue;
    }
    for (const bool second : {false, true}) {
      if (second && !schedule->overlaps) break;
      const std::string name = unit_of(*schedule, second);
      files.push_back({"am-" + name + ".service", service(*schedule, name, options)});
      files.push_back({"am-" + name + ".timer", timer(*schedule)});
    }
  }
  files.push_back({"am-alert@.service", alert_service(options)});
  return files;
}

}  // namespace am::cli
