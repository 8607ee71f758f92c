// Any bytes as a frame of the market's stream, or as a page of past bars: what is read of it can be stored and published.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "am/base/text.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"
#include "strategy/ingest/alpaca_market.hpp"

namespace {

using namespace am::strategy;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_frame(std::string_view text) {
  MessageParser parser;
  const StreamBatch batch = parse_stream(text);
  for (const StreamBar& each : batch.bars) {
    require(is_possible(each.bar) && am::market::is_symbol(each.symbol));
    std::string written;
    write_message(written, BarMessage{.symbol = each.symbol, .timeframe = "1m", .bar = each.bar});
    const auto again = parser.bar(std::string_view(written));
    require(again && again->bar == each.bar);
  }
  for (const StreamTrade& each : batch.trades) {
    std::string written;
    write_message(written,
                  TradeMessage{.symbol = each.symbol, .tick_type = each.tick_type, .trade = each.trade});
    const auto again = parser.trade(std::string_view(written));
    require(again && again->trade == each.trade);
  }
  for (const StreamNotice& each : batch.notices) require(am::is_printable(each.words));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_frame(text);
  if (const auto page = parse_bars_page(text, "A")) {
    for (const Bar& bar : page->bars) require(is_possible(bar));
  } else {
    require(!page.error().reason.empty());
  }
  return 0;
}
