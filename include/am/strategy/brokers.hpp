#pragma once
// The brokers that there are. Each keeps what it has taken: also of an order whose answer never arrived.

#include <memory>

#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"
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

}  // namespace am::strategy
