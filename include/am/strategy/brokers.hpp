#pragma once
// The brokers that there are. Each keeps what it has taken: also of an order whose answer never arrived.

#include <chrono>
#include <memory>
#include <string>

#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/http_client.hpp"
#include "am/strategy/broker.hpp"

namespace am::strategy {

struct PaperOptions {
  Decimal slippage_bps, fee_bps;  ///< hundredths of a percent, 0 to 10,000
};

/// What paper makes of an order: the same one, each time.
struct PaperFill {
  Decimal price;  ///< the signal's and the slippage against it, to 9 places; never past the limit
  Decimal fee;    ///< of price × quantity, to the cent, half-even
};
PaperFill paper_fill(const OrderRequest& order, const PaperOptions& options);

/// Fills at once and whole, as paper_fill. Its book is the table trading.paper_orders, written in a transaction of its own
/// before place answers, as anybody else's would be: whoever is killed meanwhile finds the order by client_order_id, at the
/// price that it had, or it was never placed. Placed again it is the same order: nothing is filled twice.
/// Threads: any; a connection each.
std::unique_ptr<Broker> make_paper_broker(const PaperOptions& options, const kernel::DbOptions& db);

struct AlpacaOptions {
  std::string base_url;  ///< https://paper-api.alpaca.markets
  std::string key, secret;
  bool live = false;  ///< orders are with money: base_url is not the host without, and alpaca.live is true
  Decimal crypto_fee_bps = 25;  ///< what is taken of a crypto order until the vendor says what it was
  std::chrono::milliseconds timeout{10000};
  int orders_per_page = 500;
};

/// An order goes out as a limit order: stocks for the day, in cents, or in hundredths of them below one dollar; crypto
/// until it is cancelled, in the asset's steps. It is sent once, whatever becomes of it. What place refuses begins with one of these words and a colon:
/// buying_power, day_trades, quantity (more is sold than held), crosses (an open order of the other side), invalid,
/// denied. A crypto order says its fee as crypto_fee_bps has it: of a buy in quantity, of a sale in money; posted_fees are
/// what was taken.
/// http: with alpaca_client_options(), whose budget ("alpaca.limits") every process of this account shares.
/// Threads: any.
/// Errors:  config: no key; money where alpaca.live is false, or none where it is true.
std::unique_ptr<Broker> make_alpaca_broker(kernel::HttpClient& http, AlpacaOptions options);
kernel::HttpClient::Options alpaca_client_options();

}  // namespace am::strategy
