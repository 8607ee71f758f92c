#pragma once
// Pickers without skill on markets that never were: how often does the verdict speak, and where does the luck control place
// them? Weeks of the bundled market are drawn again, all names jointly, in blocks of 13 weeks on the average (stationary
// bootstrap), each name's mean taken out: what is left to find is luck. For the tests, and at length for `make simulate`.

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "am/picks/statistics.hpp"

namespace am::test {

enum class NoSkill { fresh, sticky, momentum };
constexpr std::string_view name_of(NoSkill picker) {
  return picker == NoSkill::fresh ? "fresh" : picker == NoSkill::sticky ? "sticky" : "momentum";
}

/// As they were: within a block the weeks of these two years go on as they did, so that a past tells something of the next
/// week. Names that are kept for a few weeks do not feel it; momentum does: it loses there (mean T −0.45), and the
/// verdict says so in 8 records of a hundred.
/// Turned: a coin for each week turns all of it around, so that nobody can know anything; who moves with whom, calm and wild
/// months and fat tails stay.
enum class Weeks { as_they_were, turned };

/// Excess of every name in every week, its mean taken out; units.
struct WeeklyMarket {
  std::size_t names = 0;
  std::vector<picks::Units> rows;  ///< week by week
  std::size_t weeks() const { return rows.size() / names; }
};

/// Of `csv:directory`, Friday to Friday (or the last session before).
WeeklyMarket weekly_market(const std::filesystem::path& directory);

struct SimulatedRecords {
  int records = 0;
  int verdict_by_52 = 0;
  int verdict_by_260 = 0;
  int controlled = 0;      ///< the first so many of the records
  int percentile_out = 0;  ///< of these: outside 2.5 to 97.5
};

/// `records` of 260 weeks; the first `controlled` of them are placed among `draws` relabellings.
SimulatedRecords simulate_records(const WeeklyMarket& market, Weeks kind, NoSkill picker, int records,
                                  int controlled, int draws);

}  // namespace am::test
