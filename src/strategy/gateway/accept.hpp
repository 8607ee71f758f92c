#pragma once
// Transaction A: from a signal to an order that is being placed. Private.

#include <optional>
#include <string>

#include "am/kernel/db.hpp"
#include "checks.hpp"
#include "order_rows.hpp"

namespace am::strategy {

/// What A came to.
struct Acceptance {
  enum class What {
    answered,    ///< refused, or the first answer of a repeated signal
    placing,     ///< the order is this process's to place
    under_way,   ///< somebody places it, or has placed it without an answer: ask again
    wants_rules  ///< what holds for the symbol is not known: ask the broker, and try again
  } what = What::answered;
  GatewayAnswer answer{};
  OrderRow order{};  ///< of placing
  std::string symbol{};
  AssetType asset = AssetType::stock;
};

struct AcceptBed {
  const GatewayOptions& options;
  const std::string& broker;  ///< label
  const std::string& holder;
  Instant now{};
  /// Nothing: not known.
  std::function<std::optional<AssetRules>(const std::string& symbol)> rules;
};

/// order_id: of the order, if one is made. Nothing is committed here.
Acceptance accept_signal(kernel::Transaction& tx, const SignalPost& post, const std::string& order_id,
                         const AcceptBed& bed);

/// The last known close that is recent: of a bar of this timeframe that had begun by then and not longer ago than ten of
/// them, or ten minutes.
std::string last_close_sql(std::string_view symbol, std::string_view timeframe, std::string_view at);

}  // namespace am::strategy
