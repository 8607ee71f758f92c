#include "am/kernel/stale.hpp"

#include <algorithm>
#include <map>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kMostError = 300;

/// What starts as a job's slots fall due; null: nobody does, it is run when another needs it.
const Job* job_named(std::span<const Job> jobs, std::string_view name) {
  const auto at = std::ranges::find(jobs, name, &Job::name);
  return at == jobs.end() ? nullptr : &*at;
}

bool slot_is_due(const OpenRun& run, std::span<const Duty> duties, Instant now) {
  return std::ranges::any_of(duties, [&](const Duty& each) {
    return each.job == run.job && each.slot == run.slot && each.is_due(now);
  });
}

/// What to do about a run that stopped. Its command works on slots that are due, and on no other.
std::string go_on(const OpenRun& run, const Job* job, std::span<const Duty> duties, Instant now) {
  if (job == nullptr)
    return "the next command that needs it goes on with it; look: am runs show " + run.id +
           ", or forget it: am runs abandon " + run.id + " --discard --yes";
  return slot_is_due(run, duties, now)
             ? "run: " + std::string(job->command) + "; look: am runs show " + run.id
             : "go on with it: am runs resume " + run.id + ", or close it: am runs abandon " + run.id;
}

/// "weekly_pick_v1: run 2026-01-26 failed", "weekly_pick_v1: 3 runs failed, the latest, 2026-01-26".
std::string runs_text(const std::string& job, const std::vector<const OpenRun*>& runs,
                      const std::string& what) {
  const std::string& slot = runs.front()->slot;
  return runs.size() == 1
             ? job + ": run " + slot + " " + what
             : job + ": " + std::to_string(runs.size()) + " runs " + what + ", the latest, " + slot;
}

std::optional<Stale> overdue_of(const Job& job, std::span<const Duty> duties,
                                const std::vector<Standing>& standings, Instant now) {
  const Duty* oldest = nullptr;  // they are by due_at
  std::size_t count = 0;
  for (std::size_t i = 0; i < duties.size(); ++i) {
    if (duties[i].job != job.name || !is_overdue(job, duties[i], standings[i], now)) continue;
    if (oldest == nullptr) oldest = &duties[i];
    ++count;
  }
  if (oldest == nullptr) return std::nullopt;
  const std::string since = format_rfc3339(oldest->due_at);
  const std::string what = count == 1 ? oldest->text + " has been due since " + since
                                      : std::to_string(count) + " slots are overdue, the oldest, " +
                                            oldest->text + ", due since " + since;
  const std::string name(job.name);
  return Stale{Stale::Code::overdue, name, name + ": " + what, "run: " + std::string(job.command)};
}

}  // namespace

bool is_overdue(const Job& job, const Duty& duty, const Standing& standing, Instant now) {
  return duty.due_at + (standing.not_before ? job.overdue_after_put_off : job.overdue_after) < now;
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

std::vector<Stale> stale_of(std::span<const Job> jobs, std::span<const Duty> duties,
                            std::span<const OpenRun> open, Instant now) {
  std::vector<Stale> stale;
  const std::vector<Standing> all = standings(duties, open, now);
  for (const Job& job : jobs) {
    if (auto found = overdue_of(job, duties, all, now)) stale.push_back(std::move(*found));
  }
  using ByJob = std::map<std::string, std::vector<const OpenRun*>>;  // the latest first, as `open` is
  ByJob failed;
  ByJob abandoned;
  for (const OpenRun& run : open) {
    if (run.status == "failed") failed[run.job].push_back(&run);
    // Of a job without slots of its own, every later run is refused for it.
    const bool in_the_way = job_named(jobs, run.job) == nullptr || slot_is_due(run, duties, now);
    if (run.status == "abandoned" && in_the_way) abandoned[run.job].push_back(&run);
  }
  for (const auto& [job, runs] : failed) {
    const OpenRun& latest = *runs.front();
    stale.push_back({Stale::Code::failed, job,
                     runs_text(job, runs, "failed") +
                         (latest.error.empty() ? "" : ": " + ellipsize(latest.error, kMostError)),
                     go_on(latest, job_named(jobs, job), duties, now)});
  }
  for (const auto& [job, runs] : abandoned) {
    stale.push_back({Stale::Code::abandoned, job, runs_text(job, runs, "abandoned, and still in the way"),
                     "go on with it: am runs resume " + runs.front()->id});
  }
  for (const OpenRun& run : open) {
    if (run.status != "running" || run.lease_live) continue;
    stale.push_back({Stale::Code::lost, run.job,
                     run.job + ": run " + run.slot +
                         " has not been heard of since its lease ran out (started " +
                         format_rfc3339(run.started_at) + "): its process died, and nobody took it up",
                     go_on(run, job_named(jobs, run.job), duties, now)});
  }
  return stale;
}

}  // namespace am::kernel
