#include <cerrno>
#include <csignal>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "am/base/text.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/ledger.hpp"

namespace am::kernel {

namespace {

std::string first_line(const std::string& path) {
  const auto text = read_file(path);
  return text ? text.value().substr(0, text.value().find('\n')) : "";
}

/// Fields 3 and 22 of /proc/<pid>/stat. A pid that is used again has another start time. Empty when unknown.
struct ProcessState {
  std::string state;  ///< "Z": dead, and its parent has not looked yet
  std::string start_ticks;
};
ProcessState state_of(long long pid) {
  const std::string stat = first_line("/proc/" + std::to_string(pid) + "/stat");
  const auto paren = stat.rfind(')');  // the name before it may hold spaces and parentheses
  if (paren == std::string::npos || paren + 2 >= stat.size()) return {};
  const std::vector<std::string> fields = split(std::string_view(stat).substr(paren + 2), ' ');
  return {fields[0], fields.size() > 19 ? fields[19] : std::string()};
}

}  // namespace

Holder Holder::self() {
  Holder holder;
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) == 0) holder.host = name;
  holder.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  struct stat ns = {};
  if (stat("/proc/self/ns/pid", &ns) == 0) holder.pid_namespace = std::to_string(ns.st_ino);
  holder.pid = getpid();
  holder.start_ticks = state_of(holder.pid).start_ticks;
  return holder;
}

std::string Holder::to_json() const {
  return nlohmann::ordered_json{{"host", host},
                                {"boot_id", boot_id},
                                {"pid_namespace", pid_namespace},
                                {"pid", pid},
                                {"start_ticks", start_ticks}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Holder> Holder::from_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    return Holder{json.value("host", ""), json.value("boot_id", ""), json.value("pid_namespace", ""),
                  json.value("pid", 0LL), json.value("start_ticks", "")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

bool Holder::is_certainly_gone() const {
  const Holder me = self();
  if (boot_id.empty() || boot_id != me.boot_id) return false;
  if (pid_namespace.empty() || pid_namespace != me.pid_namespace) return false;
  if (pid <= 0 || start_ticks.empty()) return false;
  if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return true;
  const ProcessState now = state_of(pid);
  return now.state == "Z" || (!now.start_ticks.empty() && now.start_ticks != start_ticks);
}

}  // namespace am::kernel
