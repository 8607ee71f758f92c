// Any bytes as the body of a chat completion: it is refused with a reason, or its picks are refused with a
// reason, or they are three that the database would take. Nothing else is thrown.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_picks(const am::Result<std::vector<am::picks::Pick>>& picks) {
  if (!picks) {
    require(!picks.error().reason.empty() && picks.error().reason.size() < 1000);
    return;
  }
  require(picks->size() == am::picks::kPicksPerBatch);
  std::set<std::string> tickers;
  for (const am::picks::Pick& pick : *picks) {
    require(am::picks::is_ticker(pick.ticker) && tickers.insert(pick.ticker).second);
    require(!am::trim(pick.reasoning).empty() && am::is_valid_utf8(pick.reasoning));
    require(pick.reasoning.find('\0') == std::string::npos);
  }
}

void check(std::string_view text) {
  check_picks(am::picks::parse_picks(text, "SPY"));
  const auto answer = am::picks::parse_openai_answer(text);
  if (!answer) {
    require(!answer.error().reason.empty() && answer.error().reason.size() < 1000);
    return;
  }
  check_picks(am::picks::picks_in(*answer, "SPY"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
