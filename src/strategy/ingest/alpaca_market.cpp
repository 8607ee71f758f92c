#include "alpaca_market.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/base/text.hpp"
#include "am/kernel/http_client.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/bars.hpp"

namespace am::strategy {

namespace {

using nlohmann::json;

constexpr std::size_t kMostWords = 200;
constexpr std::size_t kLongestToken = 1024;
constexpr int kBarsOnAPage = 10000;

const json* field(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<double> number_of(const json& object, const char* key) {
  const json* value = field(object, key);
  return value != nullptr && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::string word_of(const json& object, const char* key) {
  const json* value = field(object, key);
  return value != nullptr && value->is_string() ? one_line(value->get_ref<const std::string&>(), kMostWords)
                                                : std::string();
}

std::optional<Micros> moment_of(const json& object) {
  const json* value = field(object, "t");
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto at = parse_rfc3339(value->get_ref<const std::string&>());
  if (!at || at->time_since_epoch().count() < 0) return std::nullopt;
  return at->time_since_epoch().count();
}

std::optional<std::string> stream_symbol(const json& object) {
  const json* value = field(object, "S");
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto& symbol = value->get_ref<const std::string&>();
  return market::is_symbol(symbol) ? std::optional(symbol) : std::nullopt;
}

std::optional<Bar> bar_of(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto start = moment_of(object);
  const auto open = number_of(object, "o");
  const auto high = number_of(object, "h");
  const auto low = number_of(object, "l");
  const auto close = number_of(object, "c");
  const auto volume = number_of(object, "v");
  if (!start || !open || !high || !low || !close || !volume) return std::nullopt;
  const Bar bar{
      .start = *start, .open = *open, .high = *high, .low = *low, .close = *close, .volume = *volume};
  return is_possible(bar) ? std::optional(bar) : std::nullopt;
}

bool take_bar(const json& message, bool revised, StreamBatch& out) {
  const auto symbol = stream_symbol(message);
  const auto bar = bar_of(message);
  if (!symbol || !bar) return false;
  out.bars.push_back({.symbol = *symbol, .bar = *bar, .revised = revised});
  return true;
}

bool take_trade(const json& message, StreamBatch& out) {
  const auto symbol = stream_symbol(message);
  const auto at = moment_of(message);
  const auto price = number_of(message, "p");
  const auto size = number_of(message, "s");
  if (!symbol || !at || !price || !size || !(*price > 0) || !(*size > 0)) return false;
  std::string side = word_of(message, "tks");  // of crypto: who took
  out.trades.push_back({.symbol = *symbol,
                        .trade = {.at = *at, .price = *price, .size = *size},
                        .tick_type = side.empty() ? "trade" : std::move(side)});
  return true;
}

/// False: it is none. What there may be besides (quotes, corrections, statuses) is left alone.
bool take_message(const json& message, StreamBatch& out) {
  using Kind = StreamNotice::Kind;
  if (!message.is_object()) return false;
  const std::string type = word_of(message, "T");
  if (type == "b" || type == "u") return take_bar(message, type == "u", out);
  if (type == "t") return take_trade(message, out);
  const std::string words = word_of(message, "msg");
  if (type == "success" && words == "connected") out.notices.push_back({.kind = Kind::connected});
  if (type == "success" && words == "authenticated") out.notices.push_back({.kind = Kind::authenticated});
  if (type == "subscription") out.notices.push_back({.kind = Kind::subscribed});
  if (type == "error")
    out.notices.push_back({.kind = Kind::error,
                           .code = static_cast<int>(number_of(message, "code").value_or(0)),
                           .words = words});
  return !type.empty();
}

}  // namespace

StreamBatch parse_stream(std::string_view text) {
  StreamBatch out;
  const json all = json::parse(text, nullptr, false);
  if (!all.is_array()) {
    out.bad = 1;
    return out;
  }
  for (const json& message : all) {
    if (!take_message(message, out)) ++out.bad;
  }
  return out;
}

std::string auth_message(const std::string& key, const std::string& secret) {
  return nlohmann::ordered_json{{"action", "auth"}, {"key", key}, {"secret", secret}}.dump();
}

std::string subscription_message(std::string_view action, std::span<const std::string> symbols) {
  const std::vector<std::string> list(symbols.begin(), symbols.end());
  return nlohmann::ordered_json{{"action", action}, {"trades", list}, {"bars", list}, {"updatedBars", list}}
      .dump();
}

std::string_view stream_path(AssetType type) {
  return type == AssetType::stock ? "/v2/iex" : "/v1beta3/crypto/us";
}

std::string bars_target(AssetType type, const std::string& symbol, Micros from, Micros to,
                        const std::string& token) {
  const auto moment = [](Micros at) {
    return kernel::url_encode(format_rfc3339(Instant{std::chrono::microseconds(at)}));
  };
  return std::string(type == AssetType::stock ? "/v2/stocks/bars" : "/v1beta3/crypto/us/bars") +
         "?symbols=" + kernel::url_encode(symbol) + "&timeframe=1Min&start=" + moment(from) +
         "&end=" + moment(to) + "&limit=" + std::to_string(kBarsOnAPage) + "&sort=asc" +
         (type == AssetType::stock ? "&adjustment=raw&feed=iex" : "") +
         (token.empty() ? "" : "&page_token=" + kernel::url_encode(token));
}

Result<BarsPage> parse_bars_page(std::string_view body, const std::string& symbol) {
  const json all = json::parse(body, nullptr, false);
  if (!all.is_object()) return Reject{"no page of bars"};
  BarsPage page;
  const json* bars = field(all, "bars");
  if (bars == nullptr || (!bars->is_object() && !bars->is_null())) return Reject{"a page without bars"};
  const json* own = bars->is_object() ? field(*bars, symbol.c_str()) : nullptr;
  if (own != nullptr && !own->is_array() && !own->is_null()) return Reject{"bars that are no list"};
  for (const json& item : own != nullptr ? *own : json::array()) {
    const auto bar = bar_of(item);
    if (bar)
      page.bars.push_back(*bar);
    else
      ++page.bad;
  }
  const json* next = field(all, "next_page_token");
  if (next != nullptr && next->is_string()) page.next = next->get<std::string>();
  if (page.next.size() > kLongestToken) return Reject{"a page token that is too long"};
  return page;
}

}  // namespace am::strategy
