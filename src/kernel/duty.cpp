#include "am/kernel/duty.hpp"

#include <algorithm>
#include <map>

namespace am::kernel {

namespace {

/// How long a slot rests after its n-th attempt came to nothing.
std::chrono::minutes pause_after(int attempt) {
  constexpr std::chrono::minutes kFirst(5);
  constexpr std::chrono::minutes kLongest(240);
  return std::min(kLongest, std::chrono::minutes(kFirst * (1LL << std::clamp(attempt - 1, 0, 10))));
}

/// When the next attempt at a run may begin. The first two that were killed or asked to end are taken up at once.
Instant rests_until(const OpenRun& run, Instant now) {
  constexpr int kTakenUpAtOnce = 2;
  const Instant ended = run.ended_at.value_or(run.started_at);
  // A rehearsal of later (--now) puts nothing off today.
  if (ended > now + std::chrono::hours(1)) return now;
  const bool ended_by_itself = run.status == "failed" || run.status == "deferred";
  const int counted = ended_by_itself ? run.attempt : run.attempt - kTakenUpAtOnce;
  if (counted < 1) return now;
  return std::max(ended + pause_after(counted), run.not_before.value_or(now));
}

Standing standing_of(const OpenRun& run, Instant now) {
  if (run.is_held()) return {.readiness = Readiness::running};
  if (run.status == "abandoned") return {.readiness = Readiness::abandoned};
  const Instant again = rests_until(run, now);
  if (again <= now) return {};
  return {.readiness = Readiness::waiting, .not_before = again};
}

}  // namespace

std::string_view readiness_name(Readiness readiness) {
  switch (readiness) {
    case Readiness::ready:
      return "due";
    case Readiness::waiting:
      return "waiting";
    case Readiness::running:
      return "running";
    case Readiness::abandoned:
      return "abandoned";
    case Readiness::to_come:
      return "to come";
  }
  return "due";
}

std::vector<Standing> standings(std::span<const Duty> duties, std::span<const OpenRun> open, Instant now) {
  std::map<std::pair<std::string_view, std::string_view>, const OpenRun*> by_slot;
  for (const OpenRun& run : open) by_slot[{run.job, run.slot}] = &run;
  std::vector<Standing> all;
  for (const Duty& duty : duties) {
    const auto found = by_slot.find({duty.job, duty.slot});
    if (!duty.is_due(now)) {
      all.push_back({.readiness = Readiness::to_come});
    } else {
      all.push_back(found == by_slot.end() ? Standing{} : standing_of(*found->second, now));
    }
  }
  return all;
}

}  // namespace am::kernel
