#include "am/picks/stale.hpp"

#include <algorithm>
#include <map>

#include "am/base/text.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kMostError = 300;

/// "the batch of 2026-01-26", "day 3 of 2026-01-26".
std::string slot_text(const Due& due) {
  const std::string date = due.run_date.to_string();
  return due.day == 0 ? "the batch of " + date : "day " + std::to_string(due.day) + " of " + date;
}

/// The command that does what a job does.
std::string command_of(const std::string& job) {
  if (job == kWeeklyJob) return "am run-weekly";
  if (job == kCheckpointJob) return "am checkpoint --due";
  return "";
}

bool slot_is_due(const kernel::OpenRun& run, const std::vector<Due>& due, Instant now) {
  return std::ranges::any_of(
      due, [&](const Due& each) { return each.job == run.job && each.slot == run.slot && each.is_due(now); });
}

/// What to do about a run that stopped. Its command works on slots that are due, and on no other.
std::string go_on(const kernel::OpenRun& run, const std::vector<Due>& due, Instant now) {
  const std::string command = command_of(run.job);
  if (command.empty())
    return "the next command that needs it goes on with it; look: am runs show " + run.id +
           ", or forget it: am runs abandon " + run.id + " --discard --yes";
  return slot_is_due(run, due, now)
             ? "run: " + command + "; look: am runs show " + run.id
             : "go on with it: am runs resume " + run.id + ", or close it: am runs abandon " + run.id;
}

/// "weekly_pick_v1: run 2026-01-26 failed", "weekly_pick_v1: 3 runs failed, the latest, 2026-01-26".
std::string runs_text(const std::string& job, const std::vector<const kernel::OpenRun*>& runs,
                      const std::string& what) {
  const std::string& slot = runs.front()->slot;
  return runs.size() == 1
             ? job + ": run " + slot + " " + what
             : job + ": " + std::to_string(runs.size()) + " runs " + what + ", the latest, " + slot;
}

std::optional<Stale> overdue_of(std::string_view job, const std::vector<DueWork>& all, Instant now) {
  const Due* oldest = nullptr;  // they are by due_at
  std::size_t count = 0;
  for (const DueWork& work : all) {
    if (work.due.job != job || !is_overdue(work, now)) continue;
    if (oldest == nullptr) oldest = &work.due;
    ++count;
  }
  if (oldest == nullptr) return std::nullopt;
  const std::string since = format_rfc3339(oldest->due_at);
  const std::string what = count == 1 ? slot_text(*oldest) + " has been due since " + since
                                      : std::to_string(count) + " slots are overdue, the oldest, " +
                                            slot_text(*oldest) + ", due since " + since;
  const std::string name(job);
  return Stale{Stale::Code::overdue, name, name + ": " + what, "run: " + command_of(name)};
}

}  // namespace

bool is_overdue(const DueWork& work, Instant now) {
  return work.due.due_at + (work.not_before ? kOverdueAfterPutOff : kOverdueAfter) < now;
}

std::string_view stale_code_name(Stale::Code code) {
  switch (code) {
    case Stale::Code::overdue:
      return "overdue";
    case Stale::Code::failed:
      return "failed";
    case Stale::Code::abandoned:
      return "abandoned";
    case Stale::Code::lost:
      return "lost";
    case Stale::Code::clock:
      return "clock";
  }
  return "overdue";
}

std::vector<Stale> stale_of(const std::vector<Due>& due, const std::vector<kernel::OpenRun>& open,
                            Instant now) {
  std::vector<Stale> stale;
  const std::vector<DueWork> work = due_work(due, open, now);
  for (const std::string_view job : {kWeeklyJob, kCheckpointJob}) {
    if (auto found = overdue_of(job, work, now)) stale.push_back(std::move(*found));
  }
  using ByJob = std::map<std::string, std::vector<const kernel::OpenRun*>>;  // the latest first, as `open` is
  ByJob failed;
  ByJob abandoned;
  for (const kernel::OpenRun& run : open) {
    if (run.status == "failed") failed[run.job].push_back(&run);
    // Of a job without slots of its own, every later run is refused for it.
    const bool in_the_way = command_of(run.job).empty() || slot_is_due(run, due, now);
    if (run.status == "abandoned" && in_the_way) abandoned[run.job].push_back(&run);
  }
  for (const auto& [job, runs] : failed) {
    const kernel::OpenRun& latest = *runs.front();
    stale.push_back({Stale::Code::failed, job,
                     runs_text(job, runs, "failed") +
                         (latest.error.empty() ? "" : ": " + ellipsize(latest.error, kMostError)),
                     go_on(latest, due, now)});
  }
  for (const auto& [job, runs] : abandoned) {
    stale.push_back({Stale::Code::abandoned, job, runs_text(job, runs, "abandoned, and still in the way"),
                     "go on with it: am runs resume " + runs.front()->id});
  }
  for (const kernel::OpenRun& run : open) {
    if (run.status != "running" || run.lease_live) continue;
    stale.push_back({Stale::Code::lost, run.job,
                     run.job + ": run " + run.slot +
                         " has not been heard of since its lease ran out (started " +
                         format_rfc3339(run.started_at) + "): its process died, and nobody took it up",
                     go_on(run, due, now)});
  }
  return stale;
}

}  // namespace am::picks
