#include "am/picks/simulate.hpp"

#include <algorithm>
#include <tuple>

#include "am/kernel/new_york.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

/// The desk in memory. A batch is named by its run date.
struct Simulated {
  DueState state;
  std::vector<SimulatedSlot> done;
  Instant quiet_until{};  ///< nothing falls due before

  explicit Simulated(Instant from) {
    const Date week = current_run_date(from);
    for (Date monday = week - 14; monday <= week; monday = monday + 7) {
      if (weekly_due_at(monday) >= from) continue;
      state.made.insert(monday);
      for (int day = 1; day <= kDays; ++day) {
        if (checkpoint_due_at(monday, day) >= from)
          state.missing.push_back({monday.to_string(), monday, day});
      }
    }
  }

  void run(const Due& due, Instant at) {
    if (!due.day) {
      state.made.insert(due.run_date);
      for (int day = 1; day <= kDays; ++day) state.missing.push_back({due.slot, due.run_date, day});
    } else {
      std::erase_if(state.missing, [&](const MissingDay& missing) {
        return missing.run_date == due.run_date && missing.day == *due.day;
      });
    }
    done.push_back({.due = due, .done_at = at});
  }

  /// As a tick does it: again after a batch was made, whose first days may be due already.
  void fire(const Firing& firing) {
    if (firing.at < quiet_until) return;
    for (bool made = true; made;) {
      made = false;
      for (const Due& due : due_of(state, firing.at)) {
        if (!due.is_due(firing.at) || !(due.day ? firing.daily : firing.weekly)) continue;
        run(due, firing.at);
        made = made || !due.day;
      }
    }
    quiet_until = std::ranges::min(due_of(state, firing.at), {}, &Due::due_at).due_at;
  }
};

}  // namespace

std::vector<SimulatedSlot> simulate(const std::vector<Firing>& firings, Instant from, Instant to) {
  Simulated desk(from);
  for (const Firing& firing : firings) desk.fire(firing);
  std::vector<SimulatedSlot> slots = desk.done;
  for (const Due& due : due_of(desk.state, to)) {
    if (due.day && due.due_at < to) slots.push_back({.due = due});
  }
  for (Date monday = current_run_date(from); weekly_due_at(monday) < to; monday = monday + 7) {
    if (desk.state.made.contains(monday) || weekly_due_at(monday) < from) continue;
    slots.push_back({.due = weekly_due(monday), .missed = monday < current_run_date(to)});
  }
  std::ranges::stable_sort(slots, [](const SimulatedSlot& a, const SimulatedSlot& b) {
    return std::tie(a.due.due_at, a.due.run_date) < std::tie(b.due.due_at, b.due.run_date);
  });
  return slots;
}

}  // namespace am::picks
