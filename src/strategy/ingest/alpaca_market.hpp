#pragma once
// The words of Alpaca's market data: messages of its streams, pages of past bars. Pure; never throws on what it reads.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

struct StreamBar {
  std::string symbol;
  Bar bar;
  bool revised = false;
};
struct StreamTrade {
  std::string symbol;
  Trade trade;
  std::string tick_type;
};
/// What a stream says about itself.
struct StreamNotice {
  enum class Kind { connected, authenticated, subscribed, error } kind = Kind::error;
  int code = 0;
  std::string words{};
};

/// One text frame: a list of messages. bad: messages that are none, impossible bars; a text that is no list is one.
struct StreamBatch {
  std::vector<StreamBar> bars{};
  std::vector<StreamTrade> trades{};
  std::vector<StreamNotice> notices{};
  std::size_t bad = 0;
};
StreamBatch parse_stream(std::string_view text);

std::string auth_message(const std::string& key, const std::string& secret);
/// action: "subscribe" or "unsubscribe": bars, their revisions and trades.
std::string subscription_message(std::string_view action, std::span<const std::string> symbols);

std::string_view stream_path(AssetType type);  ///< "/v2/iex"
/// Path and query of a page of one symbol's minutes; both ends are on it. token: of the page before; empty: the first.
std::string bars_target(AssetType type, const std::string& symbol, Micros from, Micros to,
                        const std::string& token);

struct BarsPage {
  std::vector<Bar> bars{};  ///< of that symbol
  std::string next{};       ///< empty: the last one
  std::size_t bad = 0;
};
Result<BarsPage> parse_bars_page(std::string_view body, const std::string& symbol);

}  // namespace am::strategy
