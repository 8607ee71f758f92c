#pragma once
// What Alpaca answers, read and judged. Pure; never throws on what it reads.

#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/kernel/http_client.hpp"
#include "am/strategy/broker.hpp"

namespace am::strategy {

/// An order with what pages of orders are found by.
struct AlpacaOrder {
  BrokerOrder order;
  Instant submitted_at;
};

/// crypto_fee_bps: what is taken out of what a crypto order receives, as long as nobody says what it was.
Result<AlpacaOrder> parse_order(std::string_view body, const Decimal& crypto_fee_bps);
Result<std::vector<AlpacaOrder>> parse_orders(std::string_view body, const Decimal& crypto_fee_bps);
Result<AssetRules> parse_asset(std::string_view body, AssetType asset);
Result<std::map<std::string, Decimal>> parse_positions(std::string_view body);
Result<BrokerAccount> parse_account(std::string_view body);
Result<std::vector<Broker::PostedFee>> parse_fees(std::string_view body);

/// What an attempt to place came to. Whatever is not clearly an answer of Alpaca's that refuses it may have been taken.
Placed judge_placed(const kernel::HttpResponse& response, const OrderRequest& order,
                    const Decimal& crypto_fee_bps);

/// Of a 429: how long nobody should ask, by X-RateLimit-Reset.
std::chrono::milliseconds wait_for_reset(const kernel::HttpResponse& response, Instant now);

/// "BTCUSD" → "BTC/USD", as sessions name it; what has a slash, or ends in no currency, as it is.
std::string pair_of(const std::string& symbol);

}  // namespace am::strategy
