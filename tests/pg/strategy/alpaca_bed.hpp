#pragma once
// Alpaca's client over a real transport, and the mock behind it.

#include <sstream>

#include "am/kernel/http_client.hpp"
#include "am/strategy/brokers.hpp"
#include "support/strategy/alpaca.hpp"

namespace am::test {

struct AlpacaBed {
  explicit AlpacaBed(const std::vector<std::string>& switches = {}, int orders_per_page = 500,
                     std::chrono::milliseconds timeout = std::chrono::seconds(10))
      : mock(switches) {
    strategy::AlpacaOptions options;
    options.base_url = mock.url();
    options.key = AlpacaMock::kKey;
    options.secret = AlpacaMock::kSecret;
    options.timeout = timeout;
    options.orders_per_page = orders_per_page;
    broker = strategy::make_alpaca_broker(http, options);
  }
  /// Without the budget, which wants a database.
  static kernel::HttpClient::Options client_options() {
    kernel::HttpClient::Options options = strategy::alpaca_client_options();
    options.limit_key.reset();
    options.retry.base = std::chrono::milliseconds(1);
    return options;
  }
  static strategy::OrderRequest request(char mark, const std::string& symbol = "AAPL") {
    return {.client_order_id = "am-" + std::string(40, mark),
            .symbol = symbol,
            .asset = symbol.find('/') == std::string::npos ? strategy::AssetType::stock
                                                           : strategy::AssetType::crypto,
            .side = strategy::Side::buy,
            .quantity = 2,
            .limit_price = Decimal::of("101.239"),
            .signal_price = 100};
  }

  AlpacaMock mock;
  std::ostringstream out;
  kernel::Log log{out, {}};
  kernel::Stop stop;
  std::unique_ptr<kernel::Transport> transport = kernel::make_curl_transport("am-test/1", &stop);
  kernel::HttpClient http{*transport, nullptr, log, stop, client_options()};
  std::unique_ptr<strategy::Broker> broker;
};

}  // namespace am::test
