// The checks that need no database: machine, files, hosts.

#include "am/kernel/doctor.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "am/base/text.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/new_york.hpp"

namespace am::kernel {

namespace {

constexpr const char* kCaBundle =
    "/etc/ssl/certs/ca-certificates.crt";  // the one that Debian's libcurl reads
constexpr int kFirstYear = 2026;

std::string clock_time(Date day) { return format_rfc3339(new_york_instant(day, std::chrono::hours(9))); }

/// "2024a", as Debian's tzdata says it; empty: unknown.
std::string zone_version() {
  constexpr std::string_view kBegin = "# version ";
  const auto text =
      read_file("/usr/share/zoneinfo/tzdata.zi", {.enough = [](std::string_view) { return true; }});
  return text && text.value().starts_with(kBegin)
             ? text.value().substr(kBegin.size(), text.value().find('\n') - kBegin.size())
             : "";
}

Check check_zone() {
  const std::string name = "zone data";
  // 9:00 in New York, the day before daylight saving began and on the day; and the autumn's end of it.
  const std::array<std::pair<Date, const char*>, 3> known{{{Date(2026, 3, 7), "2026-03-07T14:00:00Z"},
                                                           {Date(2026, 3, 8), "2026-03-08T13:00:00Z"},
                                                           {Date(2026, 11, 1), "2026-11-01T14:00:00Z"}}};
  try {
    for (const auto& [day, expected] : known) {
      if (const std::string got = clock_time(day); got != expected)
        return failed(
            name, "9:00 in New York on " + day.to_string() + " is " + got + " (expected " + expected + ")",
            "update the tzdata package");
    }
  } catch (const Error& error) {
    return failed_by(name, error);
  }
  const std::string version = zone_version();
  return passed(name, "America/New_York" + (version.empty() ? "" : ", version " + version));
}

Check check_ca_roots() {
  const std::string name = "CA certificates";
  const auto has_one = [](std::string_view text) {
    return text.find("BEGIN CERTIFICATE") != std::string_view::npos;
  };
  const auto text = read_file(kCaBundle, {.enough = has_one});
  if (text && has_one(text.value())) return passed(name, kCaBundle);
  return failed(name, std::string(kCaBundle) + ": missing, not readable or empty",
                "apt-get install ca-certificates");
}

Check check_clock() {
  const std::string name = "clock";
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string text = format_rfc3339(std::chrono::floor<std::chrono::seconds>(now));
  if (new_york_date(now) < Date(kFirstYear, 1, 1))
    return failed(name, "it is " + text + " by this machine", "set the clock, and keep it by NTP");
  return passed(name, text);
}

Check check_holder() {
  const std::string name = "takeover";
  const Holder self = Holder::self();
  if (self.boot_id.empty() || self.pid_namespace.empty() || self.start_ticks.empty())
    return warned(name, "/proc does not tell boot id, pid namespace and start time of this process",
                  "mount /proc; without it the work of a process that died waits until its lease runs out");
  return passed(name, "the work of a process that died here is taken over at once");
}

Check check_libcurl() {
  const std::string name = "libcurl";
  try {
    const std::vector<std::string> parts = split(http_library(), ' ');  // itself, its TLS, and twenty others
    return passed(name, parts[0] + (parts.size() > 1 ? " " + parts[1] : ""));
  } catch (const Error& error) {
    return failed_by(name, error);
  }
}

/// Scheme, host and port.
std::string origin_of_url(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  std::string authority = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
  if (const auto at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
  return url.substr(0, scheme + 3) + authority;
}

Check check_host(Transport& transport, const std::string& name, const std::string& origin,
                 std::chrono::milliseconds timeout) {
  HttpRequest request;
  request.method = "CONNECT";
  request.url = origin;
  request.connect_timeout = timeout;
  request.timeout = timeout;
  try {
    transport.send(request);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    return failed(name, error.message(),
                  error.hint().empty()
                      ? "check the network, a firewall or proxy, and the address: am config show "
                        "--origin; --offline leaves this check out"
                      : error.hint());
  }
  return passed(name, origin);
}

}  // namespace

std::string_view check_state_name(Check::State state) {
  switch (state) {
    case Check::State::ok:
      return "ok";
    case Check::State::warning:
      return "warning";
    case Check::State::failed:
      return "failed";
    case Check::State::skipped:
      return "skipped";
  }
  return "failed";
}

Check passed(std::string name, std::string detail) {
  return {Check::State::ok, std::move(name), std::move(detail)};
}
Check warned(std::string name, std::string detail, std::string hint) {
  return {Check::State::warning, std::move(name), std::move(detail), std::move(hint)};
}
Check failed(std::string name, std::string detail, std::string hint) {
  return {Check::State::failed, std::move(name), std::move(detail), std::move(hint)};
}
Check skipped(std::string name, std::string reason) {
  return {Check::State::skipped, std::move(name), std::move(reason)};
}
Check failed_by(std::string name, const Error& error) {
  return failed(std::move(name), error.message(),
                error.hint().empty() ? "the message says all that is known" : error.hint());
}

std::vector<Check> check_machine(bool with_libcurl) {
  std::vector<Check> checks{check_zone(), check_clock(), check_holder(), check_ca_roots()};
  if (with_libcurl) checks.push_back(check_libcurl());
  return checks;
}

Check check_secret_file(const std::string& name, const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    return failed(name, path + ": " + to_lower(std::strerror(errno)),
                  "check that the file exists and that this user may reach it");
  }
  if (!S_ISREG(info.st_mode)) return passed(name, path + ": not a regular file");
  // root may give it to a group on purpose, as the package does for the user am.
  const bool for_a_group = info.st_uid == 0;
  const mode_t too_much = S_IWGRP | S_IRWXO | (for_a_group ? 0U : S_IRGRP);
  if ((info.st_mode & too_much) != 0) {
    char mode[8] = {};
    snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(info.st_mode & 07777U));
    return warned(name, path + ": holds a secret, and too many may read or change it (mode " + mode + ")",
                  (for_a_group && (info.st_mode & S_IRGRP) != 0 ? "chmod 640 " : "chmod 600 ") + path);
  }
  if (info.st_uid != 0 && info.st_uid != geteuid() && geteuid() != 0) {
    return warned(
        name, path + ": holds a secret and belongs to another user (uid " + std::to_string(info.st_uid) + ")",
        "chown " + std::to_string(geteuid()) + " " + path);
  }
  return passed(name, path);
}

std::vector<Check> check_hosts(Transport& transport, const std::vector<ProbedHost>& hosts,
                               std::chrono::milliseconds each, std::chrono::milliseconds in_all) {
  std::vector<Check> checks;
  std::set<std::string> asked;
  const auto end = std::chrono::steady_clock::now() + in_all;
  for (const ProbedHost& host : hosts) {
    const std::string origin = origin_of_url(host.url);
    if (!asked.insert(origin).second) continue;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    checks.push_back(left.count() <= 0 ? skipped(host.name, "the time for all hosts together is over")
                                       : check_host(transport, host.name, origin, std::min(each, left)));
  }
  return checks;
}

}  // namespace am::kernel
