// How often the verdict of `am report` speaks of pickers without skill, at length: `make simulate`. Two numbers may be given:
// how many records, and how many of them are placed among other names (10,000 draws each).
#include <cstdio>
#include <cstdlib>

#include "support/verdict_simulation.hpp"

int main(int argc, char** argv) {
  using namespace am::test;
  const int records = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const int controlled = argc > 2 ? std::atoi(argv[2]) : 1'000;
  const WeeklyMarket market = weekly_market(AM_SOURCE_DIR "/examples/market");
  std::printf("%-14s %-10s %8s %18s %19s %s\n", "weeks", "picker", "records", "verdict by week 52",
              "verdict by week 260", "percentile outside 2.5 to 97.5");
  bool holds = true;
  for (const Weeks kind : {Weeks::as_they_were, Weeks::turned}) {
    for (const NoSkill picker : {NoSkill::fresh, NoSkill::sticky, NoSkill::momentum}) {
      const SimulatedRecords result =
          simulate_records(market, kind, picker, records, controlled, am::picks::kDraws);
      const double ever = 100.0 * result.verdict_by_260 / result.records;
      const double outside = result.controlled == 0 ? 0 : 100.0 * result.percentile_out / result.controlled;
      const bool knows = kind == Weeks::as_they_were && picker == NoSkill::momentum;
      holds = holds && (knows || (ever <= 5.5 && outside <= 7));
      std::printf("%-14s %-10s %8d %16.2f %% %17.2f %% %.2f %% of %d%s\n",
                  kind == Weeks::turned ? "turned" : "as they were", name_of(picker).data(), result.records,
                  100.0 * result.verdict_by_52 / result.records, ever, outside, result.controlled,
                  knows ? " (not without skill: the weeks' order tells it something, and it loses)" : "");
      std::fflush(stdout);
    }
  }
  std::printf(holds ? "as promised: at most 5.5 %% by week 260, at most 7 %% outside\n"
                    : "not as promised: expected at most 5.5 %% by week 260, at most 7 %% outside\n");
  return holds ? 0 : 1;
}
