#include "am/picks/stale.hpp"

#include <algorithm>
#include <array>

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

/// What to do about a run that stopped. Its command works on slots that are due, and on no other.
std::string go_on(const std::string& job, const std::string& slot, const std::string& run_id,
                  const std::vector<Due>& due, Instant now) {
  const std::string command = command_of(job);
  if (command.empty()) return "the next command that needs it goes on with it; look: am runs show " + run_id;
  const bool is_due = std::ranges::any_of(
      due, [&](const Due& each) { return each.job == job && each.slot == slot && each.is_due(now); });
  return is_due ? "run: " + command + "; look: am runs show " + run_id
                : "go on with it: am runs resume " + run_id + ", or close it: am runs abandon " + run_id;
}

std::optional<Stale> overdue_of(std::string_view job, const std::vector<Due>& due,
                                const std::vector<kernel::OpenRun>& open, Instant now) {
  const Due* oldest = nullptr;  // `due` is by due_at
  std::size_t count = 0;
  for (const Due& slot : due) {
    if (slot.job != job) continue;
    const kernel::OpenRun* run = open_run_of(slot, open);
    if (!is_overdue(slot, run == nullptr ? std::nullopt : run->not_before, now)) continue;
    if (oldest == nullptr) oldest = &slot;
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

bool is_overdue(const Due& due, std::optional<Instant> not_before, Instant now) {
  const bool put_off = not_before && *not_before > now;
  return due.due_at + (put_off ? kOverdueAfterPutOff : kOverdueAfter) < now;
}

const kernel::OpenRun* open_run_of(const Due& due, const std::vector<kernel::OpenRun>& open) {
  const auto found = std::ranges::find_if(
      open, [&](const kernel::OpenRun& run) { return run.job == due.job && run.slot == due.slot; });
  return found == open.end() ? nullptr : &*found;
}

bool needs_a_person(const kernel::JobState& job, const std::vector<Due>& due, Instant now) {
  if (job.status == "failed") return true;
  return job.status == "abandoned" && std::ranges::any_of(due, [&](const Due& slot) {
           return slot.job == job.job && slot.slot == job.slot && slot.is_due(now);
         });
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
  }
  return "overdue";
}

std::vector<Stale> stale_of(const std::vector<Due>& due, const std::vector<kernel::JobState>& jobs,
                            const std::vector<kernel::OpenRun>& open, Instant now) {
  std::vector<Stale> stale;
  for (const std::string_view job : {kWeeklyJob, kCheckpointJob}) {
    if (auto found = overdue_of(job, due, open, now)) stale.push_back(std::move(*found));
  }
  for (const kernel::JobState& job : jobs) {
    if (!needs_a_person(job, due, now)) continue;
    const std::string latest = job.job + ": the latest run, " + job.slot + ", ";
    if (job.status == "failed") {
      stale.push_back({Stale::Code::failed, job.job,
                       latest + "failed" + (job.error.empty() ? "" : ": " + ellipsize(job.error, kMostError)),
                       go_on(job.job, job.slot, job.id, due, now)});
    } else {
      stale.push_back({Stale::Code::abandoned, job.job, latest + "was abandoned, and its slot is still due",
                       "go on with it: am runs resume " + job.id});
    }
  }
  for (const kernel::OpenRun& run : open) {
    if (run.status != "running" || run.lease_live) continue;
    stale.push_back({Stale::Code::lost, run.job,
                     run.job + ": run " + run.slot +
                         " has not been heard of since its lease ran out (started " +
                         format_rfc3339(run.started_at) + "): its process died, and nobody took it up",
                     go_on(run.job, run.slot, run.id, due, now)});
  }
  return stale;
}

}  // namespace am::picks
