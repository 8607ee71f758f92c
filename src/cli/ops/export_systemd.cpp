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
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
)";

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

std::string service(const Schedule& schedule, const ExportOptions& options) {
  return std::string(kUnitOrigin) + "# Started by am-" + schedule.name +
         ".timer; by hand: systemctl start am-" + schedule.name + "\n" + unit_head(schedule.summary) +
         "OnFailure=am-alert@%n.service\n"
         "\n[Service]\nType=oneshot\nExecStart=" +
         options.program + " " + schedule.call +
         "\n# Busy, deferred and asked to end: the next firing goes on.\n"
         "SuccessExitStatus=11 75 143\n"
         "# A vendor's timeouts, retries and the waits for its request budget are far within this.\n"
         "TimeoutStartSec=30min\n" +
         credentials(schedule.secrets) + std::string(kHardening);
}

std::string timer(const Schedule& schedule) {
  return std::string(kUnitOrigin) + "# " + schedule.remark +
         "\n[Unit]\nDescription=Alpha Monday: " + schedule.summary +
         "\n\n[Timer]\nOnCalendar=" + kernel::systemd_calendar(schedule.table) +
         "\nPersistent=yes\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n";
}

std::string server_service(const ExportOptions& options) {
  return std::string(kUnitOrigin) + "# systemctl enable --now am-serve-readonly\n" +
         unit_head("the read-only API and its pages") +
         "OnFailure=am-alert@%n.service\n"
         "\n[Service]\nType=notify\nExecStart=" +
         options.program +
         " serve-readonly\n"
         "Restart=on-failure\nRestartSec=5\n"
         "# Wrong flags, privileges or configuration: a restart would not help.\n"
         "RestartPreventExitStatus=64 77 78\n"
         "TimeoutStopSec=20\n"
         "\n# For a role that has only SELECT; readable by root only. am finds it in $CREDENTIALS_DIRECTORY.\n" +
         load_credential("DATABASE_URL", "database_url_readonly") + std::string(kHardening) +
         "\n[Install]\nWantedBy=multi-user.target\n";
}

std::string alert_service(const ExportOptions& options) {
  return std::string(kUnitOrigin) +
         "# Started when a unit of ours fails: tells what the command could not tell itself, a crash or a timeout.\n" +
         unit_head("tell that %i failed") + "\n[Service]\nType=oneshot\nExecStart=" + options.program +
         " alert unit %i\nTimeoutStartSec=5min\n\n# None is needed to start: a missing one may be what it has to tell.\n" +
         optional_credential("DATABASE_URL") + optional_credential("RESEND_API_KEY") +
         std::string(kHardening);
}

}  // namespace

std::vector<ExportedFile> export_systemd(const ExportOptions& options) {
  std::vector<ExportedFile> files;
  for (const Schedule& schedule : schedules()) {
    files.push_back({"am-" + schedule.name + ".service", service(schedule, options)});
    files.push_back({"am-" + schedule.name + ".timer", timer(schedule)});
  }
  files.push_back({"am-serve-readonly.service", server_service(options)});
  files.push_back({"am-alert@.service", alert_service(options)});
  return files;
}

}  // namespace am::cli
