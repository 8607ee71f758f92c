#pragma once
// Whoever executes orders: paper, or a real one. Everything here is about one account; money is Decimal, never a double.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// Units: quantity in units of the asset, at most 9 places; prices in USD, at most 9 places.
struct OrderRequest {
  std::string client_order_id;  ///< "am-" and 40 hex digits: the key under which a vendor knows it for good
  std::string symbol;           ///< as sessions name it: "AAPL", "BTC/USD"
  AssetType asset = AssetType::stock;
  Side side = Side::buy;
  Decimal quantity;
  Decimal limit_price;   ///< the collar; the broker rounds it to its own steps, never past it
  Decimal signal_price;  ///< what paper fills at, with slippage
};

/// An order as the broker has it.
struct BrokerOrder {
  std::string client_order_id, broker_order_id;
  std::string status;                      ///< the vendor's word
  bool open = true;                        ///< a status that is not known is open
  Decimal filled_quantity;                 ///< cumulative
  std::optional<Decimal> average_price{};  ///< of all that is filled
  /// Fee so far, in money; nothing: of a vendor that says it later or takes it in quantity.
  std::optional<Decimal> fee{};
  std::optional<Decimal> fee_quantity{};  ///< taken out of what is received
};

/// What one attempt to place came to.
struct Placed {
  enum class What {
    accepted,
    refused,    ///< for good, for `reason`: insufficient buying power, invalid, day trades
    throttled,  ///< not taken; may be placed again from not_before on
    unknown,    ///< it may be there: ask by client_order_id, never place again
  } what = What::unknown;
  std::optional<BrokerOrder> order{};
  std::string reason{};
  std::optional<Instant> not_before{};
};

/// What holds for one asset.
struct AssetRules {
  bool tradable = false, fractionable = false;
  Decimal min_quantity, quantity_step, price_step;  ///< zero: no step
};

struct BrokerAccount {
  bool active = false;
  std::string status;
  Decimal buying_power;
};

/// Threads: any; each call may block as long as its timeouts say. Errors: unavailable, denied, data (all but place).
class Broker {
 public:
  virtual ~Broker() = default;
  virtual std::string_view name() const = 0;  ///< "paper", "alpaca"
  virtual bool is_live() const = 0;           ///< with money
  /// One attempt, never repeated in here. Errors: none: what went wrong is the result.
  virtual Placed place(const OrderRequest& order) = 0;
  /// Nothing: the broker does not know it.
  virtual std::optional<BrokerOrder> find(const std::string& client_order_id) = 0;
  /// Asks for it; whether it was in time is said by the order's state later. An order that is over: nothing happens.
  virtual void cancel(const BrokerOrder& order) = 0;
  /// All orders, in any state, submitted at or after `since`.
  virtual std::vector<BrokerOrder> orders_since(Instant since) = 0;
  /// Held quantity by symbol, as sessions name symbols.
  virtual std::map<std::string, Decimal> positions() = 0;
  virtual BrokerAccount account() = 0;
  virtual AssetRules rules(const std::string& symbol, AssetType asset) = 0;
  /// Fees that a vendor posts later, by client_order_id or day; empty where there are none.
  struct PostedFee {
    std::string id, symbol;
    Date day;
    Decimal quantity;  ///< of the asset, as taken
  };
  virtual std::vector<PostedFee> posted_fees(Date since) = 0;
};

}  // namespace am::strategy
