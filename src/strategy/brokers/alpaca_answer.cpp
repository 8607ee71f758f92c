#include "alpaca_answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "strategy/exact_json.hpp"

namespace am::strategy {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestId = 128;
constexpr std::size_t kMostVendorWords = 200;
constexpr std::array<std::string_view, 5> kOver = {"filled", "canceled", "expired", "rejected", "replaced"};
constexpr std::array<std::string_view, 4> kCurrencies = {"USDT", "USDC", "USD", "BTC"};

/// A text that may be stored and shown.
std::optional<std::string> id_of(const json& object, std::string_view key) {
  auto text = text_of(object, key);
  if (!text || text->empty() || text->size() > kLongestId || !is_printable(*text)) return std::nullopt;
  return text;
}

/// What is taken of an order, until somebody says what it was: out of what it receives.
void take_crypto_fee(BrokerOrder& order, bool buys, const Decimal& bps) {
  static const Decimal kWhole = 10000;
  if (buys) {
    order.fee_quantity = (order.filled_quantity * bps / kWhole).rounded(9);
  } else {
    const Decimal value = order.filled_quantity * order.average_price.value_or(Decimal{});
    order.fee = (value * bps / kWhole).rounded(2);
  }
}

Result<AlpacaOrder> order_of(const json& object, const Decimal& crypto_fee_bps) {
  const auto id = id_of(object, "id");
  const auto client_order_id = id_of(object, "client_order_id");
  const auto status = id_of(object, "status");
  const auto submitted = text_of(object, "submitted_at");
  const auto submitted_at = submitted ? parse_rfc3339(*submitted) : std::nullopt;
  if (!id || !client_order_id || !status || !submitted_at)
    return Reject{"an order without id, client_order_id, status or submitted_at"};
  BrokerOrder order{.client_order_id = *client_order_id,
                    .broker_order_id = *id,
                    .status = *status,
                    .open = std::ranges::find(kOver, *status) == kOver.end(),
                    .filled_quantity = {}};
  if (object.contains("filled_qty") && !object["filled_qty"].is_null()) {
    const auto filled = decimal_of(object, "filled_qty");
    if (!filled || filled->is_negative()) return Reject{"an order whose filled_qty is no quantity"};
    order.filled_quantity = *filled;
  }
  if (order.filled_quantity.is_positive()) {
    order.average_price = decimal_of(object, "filled_avg_price");
    if (!order.average_price || !order.average_price->is_positive())
      return Reject{"an order that is filled at no price"};
    if (text_of(object, "asset_class") == "crypto")
      take_crypto_fee(order, text_of(object, "side") == "buy", crypto_fee_bps);
  }
  return AlpacaOrder{std::move(order), *submitted_at};
}

/// Each item of an array.
template <class T, class Read>
Result<std::vector<T>> each(std::string_view body, Read read) {
  const auto all = parse_exact(body);
  if (!all || !all->is_array()) return Reject{"no list"};
  std::vector<T> out;
  for (const json& item : *all) {
    Result<T> one = read(item);
    if (!one) return one.error();
    out.push_back(std::move(one).value());
  }
  return out;
}

struct Held {
  std::string symbol;
  Decimal quantity;
};

Result<Held> position_of(const json& object) {
  const auto symbol = id_of(object, "symbol");
  const auto quantity = decimal_of(object, "qty");
  if (!symbol || !quantity) return Reject{"a position without symbol or qty"};
  const bool is_short = text_of(object, "side") == "short" && quantity->is_positive();
  return Held{text_of(object, "asset_class") == "crypto" ? pair_of(*symbol) : *symbol,
              is_short ? -*quantity : *quantity};
}

Result<Broker::PostedFee> fee_of(const json& object) {
  const auto id = id_of(object, "id");
  const auto symbol = id_of(object, "symbol");
  const auto day = Date::parse(text_of(object, "date").value_or(""));
  const auto quantity = decimal_of(object, "qty");
  if (!id || !symbol || !day || !quantity) return Reject{"a fee without id, symbol, date or qty"};
  return Broker::PostedFee{.id = *id, .symbol = pair_of(*symbol), .day = *day, .quantity = quantity->abs()};
}

/// The word for it that its words stand for: one code means many things.
std::string_view forbidden_word(const std::string& message) {
  const std::string text = to_lower(message);
  const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  if (says("buying power") || says("insufficient balance for usd")) return "buying_power";
  if (says("day trad")) return "day_trades";
  if (says("insufficient qty") || says("insufficient balance")) return "quantity";
  if (says("wash trade") || says("opposite side")) return "crosses";
  if (says("fractional") || says("fractionable")) return "invalid";
  return "denied";
}

Placed unknown(const std::string& reason) {
  return {.what = Placed::What::unknown, .reason = one_line(reason, kMostVendorWords)};
}

Placed refused(std::string_view word, const std::string& message) {
  return {.what = Placed::What::refused,
          .reason = std::string(word) + ": " + one_line(message, kMostVendorWords)};
}

Placed judge_taken(const kernel::HttpResponse& response, const OrderRequest& asked, const Decimal& bps) {
  auto order = parse_order(response.body, bps);
  if (!order) return unknown("an answer that is none: " + order.error().reason);
  if (order->order.client_order_id != asked.client_order_id) return unknown("an answer about another order");
  return {.what = Placed::What::accepted, .order = std::move(order->order)};
}

}  // namespace

Result<AlpacaOrder> parse_order(std::string_view body, const Decimal& crypto_fee_bps) {
  const auto object = parse_exact(body);
  if (!object) return Reject{"no JSON"};
  return order_of(*object, crypto_fee_bps);
}

Result<std::vector<AlpacaOrder>> parse_orders(std::string_view body, const Decimal& crypto_fee_bps) {
  return each<AlpacaOrder>(body, [&](const json& item) { return order_of(item, crypto_fee_bps); });
}

Result<AssetRules> parse_asset(std::string_view body, AssetType asset) {
  const auto object = parse_exact(body);
  if (!object || !object->is_object()) return Reject{"no asset"};
  const auto is = [&](const char* key) {
    return object->contains(key) && (*object)[key].is_boolean() && (*object)[key].get<bool>();
  };
  AssetRules rules;
  rules.tradable = is("tradable") && text_of(*object, "status") == "active";
  rules.fractionable = is("fractionable");
  if (asset == AssetType::stock) {
    rules.quantity_step = rules.fractionable ? Decimal::of("0.000000001") : Decimal(1);
    rules.price_step = Decimal::of("0.01");
    return rules;
  }
  for (const auto& [key, to] : {std::pair{"min_order_size", &rules.min_quantity},
                                std::pair{"min_trade_increment", &rules.quantity_step},
                                std::pair{"price_increment", &rules.price_step}}) {
    if (!object->contains(key) || (*object)[key].is_null()) continue;
    const auto value = decimal_of(*object, key);
    if (!value || value->is_negative()) return Reject{std::string("an asset whose ") + key + " is none"};
    *to = *value;
  }
  return rules;
}

Result<std::map<std::string, Decimal>> parse_positions(std::string_view body) {
  const auto held = each<Held>(body, position_of);
  if (!held) return held.error();
  std::map<std::string, Decimal> positions;
  for (const Held& one : *held) positions[one.symbol] += one.quantity;
  return positions;
}

Result<BrokerAccount> parse_account(std::string_view body) {
  const auto object = parse_exact(body);
  const auto status = object ? id_of(*object, "status") : std::nullopt;
  const auto power = object ? decimal_of(*object, "buying_power") : std::nullopt;
  if (!status || !power) return Reject{"an account without status or buying_power"};
  BrokerAccount account{.active = *status == "ACTIVE", .status = *status, .buying_power = *power};
  for (const char* key : {"account_blocked", "trading_blocked", "trade_suspended_by_user"}) {
    if (!object->contains(key) || (*object)[key] != true) continue;
    account.active = false;
    account.status += std::string(", ") + key;
  }
  return account;
}

Result<std::vector<Broker::PostedFee>> parse_fees(std::string_view body) {
  return each<Broker::PostedFee>(body, fee_of);
}

Placed judge_placed(const kernel::HttpResponse& response, const OrderRequest& order,
                    const Decimal& crypto_fee_bps) {
  const int status = response.status;
  if (status >= 200 && status < 300) return judge_taken(response, order, crypto_fee_bps);
  if (status == 429)
    return {.what = Placed::What::throttled, .reason = "answered 429", .not_before = std::nullopt};
  const std::string answered = "answered " + std::to_string(status);
  // A proxy's page is none of Alpaca's answers; 408, 409 and 425 say nothing about the order.
  const auto object = parse_exact(response.body);
  const auto message = object ? text_of(*object, "message") : std::nullopt;
  if (!message || status < 400 || status >= 500 || status == 408 || status == 409 || status == 425)
    return unknown(answered);
  if (status == 403) return refused(forbidden_word(*message), *message);
  if (status == 401) return refused("denied", *message);
  if (to_lower(*message).find("client_order_id") != std::string::npos)
    return unknown(answered + ": " + *message);  // it must be unique: it is there
  return refused("invalid", *message);
}

std::chrono::milliseconds wait_for_reset(const kernel::HttpResponse& response, Instant now) {
  constexpr std::chrono::milliseconds kLeast{1000};
  constexpr std::chrono::milliseconds kMost{120000};  // windows are minutes
  const auto reset = parse_integer(response.header("x-ratelimit-reset").value_or(""), 0, 99'999'999'999);
  if (!reset) return kernel::judge_status(response).wait.value_or(std::chrono::minutes(1));
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(Instant(std::chrono::seconds(*reset)) - now);
  return std::clamp(wait, kLeast, kMost);
}

std::string pair_of(const std::string& symbol) {
  if (symbol.find('/') != std::string::npos) return symbol;
  for (const std::string_view currency : kCurrencies) {
    if (symbol.size() > currency.size() && symbol.ends_with(currency))
      return symbol.substr(0, symbol.size() - currency.size()) + "/" + std::string(currency);
  }
  return symbol;
}

}  // namespace am::strategy
