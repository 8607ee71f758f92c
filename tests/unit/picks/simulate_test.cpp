#include "am/picks/simulate.hpp"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "am/kernel/new_york.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Date kFirst{2026, 1, 1};
constexpr Date kEnd{2027, 1, 1};

Instant midnight(Date day) { return kernel::new_york_instant(day, {}); }

struct Outage {
  Instant from;
  Instant to;
};

/// A tick every five minutes for a year, without those within an outage, some of them twice.
std::vector<Firing> ticks(const std::vector<Outage>& outages, std::mt19937& random) {
  std::vector<Firing> all;
  const Instant end = midnight(kEnd);
  for (Instant at = midnight(kFirst); at < end; at += minutes(5)) {
    bool off = false;
    for (const Outage& outage : outages) off = off || (outage.from <= at && at < outage.to);
    if (off) continue;
    all.push_back({.at = at});
    if (random() % 50 == 0) all.push_back({.at = at});
  }
  return all;
}

/// Up to 20 outages: most of hours, some of days.
std::vector<Outage> some_outages(std::mt19937& random) {
  std::vector<Outage> all;
  const auto year = static_cast<unsigned>((midnight(kEnd) - midnight(kFirst)) / minutes(1));
  for (auto i = random() % 20; i > 0; --i) {
    const Instant from = midnight(kFirst) + minutes(random() % year);
    all.push_back({from, from + minutes(random() % (random() % 4 == 0 ? 12'000U : 600U))});
  }
  return all;
}

/// What the year owes: every Monday that had a tick in its week after 9:00, and then all 14 days as far as they came.
void check_year(const std::vector<Firing>& firings, const std::vector<SimulatedSlot>& slots) {
  std::set<std::pair<Date, int>> seen;
  std::map<std::string, Instant> last_done;
  Instant last_due{};
  for (const SimulatedSlot& slot : slots) {
    const int of_day = slot.due.day.value_or(0);
    const std::string name = slot.due.slot + " " + std::to_string(of_day);
    EXPECT_TRUE(seen.insert({slot.due.run_date, of_day}).second) << name << " twice";
    EXPECT_EQ(slot.due.due_at, kernel::new_york_instant(slot.due.run_date + of_day, hours(9))) << name;
    EXPECT_GE(slot.due.due_at, last_due) << name;
    last_due = slot.due.due_at;
    if (!slot.done_at) continue;
    EXPECT_GE(*slot.done_at, slot.due.due_at) << name << " is early";
    // In order: nothing that was due earlier is done later, but for days of a batch that itself came late.
    Instant& before = last_done[slot.due.job + (slot.due.day ? slot.due.run_date.to_string() : "")];
    EXPECT_GE(*slot.done_at, before) << name << " out of order";
    before = *slot.done_at;
    // At the first firing at which it could be done.
    const auto week = std::ranges::find_if(slots, [&](const SimulatedSlot& each) {
      return !each.due.day && each.due.run_date == slot.due.run_date;
    });
    const Instant batch_made = week == slots.end() ? slot.due.due_at : *week->done_at;
    const Instant possible = std::max(slot.due.due_at, batch_made);
    const auto first = std::ranges::lower_bound(firings, possible, {}, &Firing::at);
    ASSERT_NE(first, firings.end()) << name;
    EXPECT_EQ(*slot.done_at, first->at) << name;
  }
  for (Date monday{2026, 1, 5}; monday < kEnd; monday = monday + 7) {
    const Instant due = kernel::new_york_instant(monday, hours(9));
    const Instant over = midnight(monday + 7);
    const auto tick = std::ranges::lower_bound(firings, due, {}, &Firing::at);
    const bool had_tick = tick != firings.end() && tick->at < over;
    const auto slot = std::ranges::find_if(
        slots, [&](const SimulatedSlot& each) { return !each.due.day && each.due.run_date == monday; });
    ASSERT_NE(slot, slots.end()) << monday.to_string();
    EXPECT_EQ(slot->done_at.has_value(), had_tick) << monday.to_string();
    EXPECT_EQ(slot->missed, !had_tick && over <= midnight(kEnd)) << monday.to_string();
    for (int day = 1; had_tick && day <= kDays; ++day) {
      const Instant day_due = kernel::new_york_instant(monday + day, hours(9));
      if (day_due < midnight(kEnd)) {
        EXPECT_TRUE(seen.contains({monday, day})) << monday.to_string() << " day " << day;
      }
    }
  }
}

TEST(Simulate, AYearOfTicksDoesEverySlotOnceAndInTime) {
  std::mt19937 random(1);
  const std::vector<Firing> firings = ticks({}, random);
  const std::vector<SimulatedSlot> slots = simulate(firings, midnight(kFirst), midnight(kEnd));
  check_year(firings, slots);
  EXPECT_EQ(std::ranges::count_if(slots, [](const SimulatedSlot& slot) { return !slot.due.day; }), 52);
  EXPECT_TRUE(std::ranges::all_of(slots, [](const SimulatedSlot& slot) { return slot.done_at.has_value(); }));
}

TEST(Simulate, OutagesMakeSlotsLateButNeverDoubleOrEarly) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<Firing> firings = ticks(some_outages(random), random);
    check_year(firings, simulate(firings, midnight(kFirst), midnight(kEnd)));
  }
}

TEST(Simulate, AWeekWithoutAnyFiringIsMissed) {
  const Instant from = midnight(Date(2026, 3, 2));
  const Instant to = midnight(Date(2026, 3, 23));
  const std::vector<SimulatedSlot> slots =
      simulate({{.at = from + hours(10)}, {.at = midnight(Date(2026, 3, 18))}}, from, to);
  const auto missed = std::ranges::find_if(slots, &SimulatedSlot::missed);
  ASSERT_NE(missed, slots.end());
  EXPECT_EQ(missed->due.run_date, Date(2026, 3, 9));
  EXPECT_EQ(std::ranges::count_if(slots, &SimulatedSlot::missed), 1);
}

}  // namespace
}  // namespace am::picks
