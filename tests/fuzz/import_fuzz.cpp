// Any bytes: parse_import either tells of lines that are in the text, or gives weeks that are whole: Mondays, ascending,
// three picks each, of one model.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "am/picks/import.hpp"
#include "am/picks/rules.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view text) {
  const am::Instant now = *am::parse_rfc3339("2026-01-26T15:00:00Z");
  const am::picks::ImportFile file = am::picks::parse_import(text, "SPY", now);
  require(!file.problems.empty() || !file.weeks.empty());
  int line = 1;
  for (const am::picks::RowProblem& each : file.problems) {
    require(each.line >= line && !each.problem.empty());
    line = each.line;
  }
  if (!file.problems.empty()) return;
  const am::picks::ImportedWeek* before = nullptr;
  for (const am::picks::ImportedWeek& week : file.weeks) {
    require(before == nullptr || before->run_date < week.run_date);
    require(week.run_date.weekday() == std::chrono::Monday && week.line > 0 && !week.model.empty());
    require(week.picks.size() == 3);
    for (const am::picks::Pick& pick : week.picks) require(am::picks::is_ticker(pick.ticker));
    before = &week;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
