#pragma once
// What a scheduler starts, and when: data of a desk, from which the lines, units and manifests of every scheduler are
// written (src/cli/ops/export_*.cpp) and a dead-man's switch's key follows.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/kernel/duty.hpp"
#include "am/kernel/timetable.hpp"

namespace am::kernel {

enum class ScheduleKind {
  tick,     ///< does what is due of every desk, in a minute or two
  job,      ///< one job at its hours: instead of the tick
  worker,   ///< drains a queue, many at once
  session,  ///< started again and again within its window, ends itself; a start that is not needed is skipped
  server,   ///< runs until it is stopped
};

struct Schedule {
  std::string_view name;     ///< "run-weekly": of the unit and the CronJob, after "am-"
  std::string_view call;     ///< what follows "am"
  std::string_view summary;  ///< a sentence's end: "make this week's batch"
  std::string_view remark;   ///< a comment beside the hours
  ScheduleKind kind = ScheduleKind::job;
  Timetable table{};                    ///< not of a server
  std::chrono::seconds limit{30 * 60};  ///< it is ended after that; not a server
  std::span<const std::string_view>
      secrets{};             ///< variables besides the database's and those of alerts and pings
  std::string_view queue{};  ///< of a worker: the table over whose depth KEDA scales
  int most = 1;              ///< of a worker: how many at once
  int least = 0;             ///< of a worker: so many KEDA keeps running, whatever its queue's depth
  int items_each = 1;        ///< of a worker: KEDA starts one more for so many
  bool sandboxes = false;    ///< makes namespaces for what it runs
  /// The configuration key that says by what: with "landlock" it needs no namespaces.
  std::string_view sandbox_key{};
  bool overlaps = false;  ///< of a session: the next one begins before the last one has let go
  int memory_mb = 256;    ///< more than it ever needs, of the machine's memory
  bool writes = false;    ///< of a server: its role may, and one process of it is enough
  int port = 8080;        ///< of a server
  /// Of a server that listens on the loopback: the variable that says where else (ADDRESS:PORT).
  std::string_view listen_variable{};
};

/// "run-weekly" → "pings.run_weekly", "AM_PING_RUN_WEEKLY".
std::string ping_key(std::string_view schedule);
std::string ping_variable(std::string_view schedule);

/// One start of a schedule's command.
struct Firing {
  Instant at{};
  std::string_view schedule;
};

/// What a slot would come to under a schedule.
struct SimulatedSlot {
  Duty duty;
  std::optional<Instant> done_at{};  ///< none: not before the end, or never
  bool missed = false;               ///< its time is over: nobody can do it any more
};

}  // namespace am::kernel
