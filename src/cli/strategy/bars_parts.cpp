#include "bars_parts.hpp"

#include <algorithm>

#include "am/base/date.hpp"
#include "am/base/text.hpp"
#include "am/strategy/sessions.hpp"

namespace am::cli {

namespace {

constexpr strategy::Micros kMicrosOfOneDay = 86'400'000'000;

}  // namespace

std::string moment_text(strategy::Micros at) {
  return format_rfc3339(Instant{std::chrono::microseconds{at}});
}

std::string symbol_of_bars(const std::string& symbol) {
  return strategy::tradable_symbol(symbol, strategy::asset_of_symbol(symbol));
}

std::string timeframe_of_bars(std::span<const strategy::Bar> bars, const std::optional<std::string>& named,
                              const std::string& file) {
  const bool days = !bars.empty() && std::ranges::all_of(bars, [](const auto& bar) {
    return bar.start % kMicrosOfOneDay == 0;
  });
  const std::string timeframe = named.value_or(days ? "1d" : "1m");
  const auto length = strategy::timeframe_length(timeframe);
  if (!length)
    throw Error(ErrorKind::usage,
                "--timeframe " + shown(timeframe) + ": there is none such (expected as 1m, 15m, 1h, 1d)");
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars[i].start % *length == 0) continue;
    throw Error(
        ErrorKind::data,
        file + ": the bar of " + moment_text(bars[i].start) + " does not begin at a multiple of " + timeframe,
        "name what they are: --timeframe 1m");
  }
  return timeframe;
}

}  // namespace am::cli
