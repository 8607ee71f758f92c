#include "am/strategy/sweeper.hpp"

#include <algorithm>
#include <map>

#include "am/base/text.hpp"
#include "am/kernel/ledger.hpp"
#include "order_rows.hpp"
#include "sweep_rows.hpp"

namespace am::strategy {

using kernel::Rows;
using kernel::sql_values;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kPause{1000};
constexpr std::chrono::minutes kClockMargin{5};  // between a broker's clock and the database's
constexpr std::chrono::milliseconds kCancelAgain{10000};
constexpr std::chrono::milliseconds kMarks{10000};
constexpr std::chrono::milliseconds kAccount{60000};
constexpr std::chrono::milliseconds kFees{3600000};

bool says_news(const OrderRow& order, const BrokerOrder& said) {
  return said.filled_quantity > order.filled.quantity || !said.open || said.status != order.vendor_status ||
         order.status != "open";
}

}  // namespace

struct Sweeper::Round {
  Gateway& gateway;
  kernel::Db& db;

  /// Whatever one step meets, the others go on.
  template <class Work>
  void step(const char* what, Work work) {
    try {
      work();
    } catch (const Error& error) {
      gateway.log().warn(std::string("sweep: ") + what + " failed; it is tried again",
                         {{"error", error.message()}});
    }
  }

  void mend_placing();
  void do_intents();
  void find_unknown();
  void cancel_due();
  void poll();
  void book_strangers(const std::map<std::string, BrokerOrder>& said);
};

/// An order that nobody is placing any more: whoever did is gone, has taken far too long, or could not store the outcome.
void Sweeper::Round::mend_placing() {
  for (const PlacingRow& row : placing_rows(db, gateway.label())) {
    const auto holder = kernel::Holder::from_json(row.holder);
    const bool mine = holder && holder->to_json() == gateway.holder();
    const bool lost =
        mine ? !gateway.is_placing(row.order_id)
             : !holder || holder->is_certainly_gone() || row.age > gateway.options().times.placing_most;
    if (!lost) continue;
    db.query(
        "UPDATE trading.orders SET status = 'unknown', reason = 'whoever placed it was lost', updated_at = clock_timestamp() WHERE "
        "id = $1::uuid AND status = 'placing' AND placed_at = $2::timestamptz",
        sql_values(row.order_id, row.placed_at));
    gateway.log().warn("order was being placed by a process that was lost", {{"order_id", row.order_id}});
  }
}

/// What flatten asked for is placed; what a signal asked for, and the broker did not take, is its sender's to repeat, and is
/// closed when it is too old or no longer wanted.
void Sweeper::Round::do_intents() {
  for (const OrderRow& order :
       orders_where(db, gateway.label(),
                    "o.status = 'intent' AND o.signal_id IS NULL AND "
                    "(o.not_before IS NULL OR o.not_before <= statement_timestamp())"))
    gateway.place_intent(db, order.id);
  for (
      const OrderRow& order : orders_where(
          db, gateway.label(),
          "o.status = 'intent' AND (o.cancel_at <= statement_timestamp() OR (o.signal_id IS NOT NULL AND o.created_at < "
          "statement_timestamp() - $2::integer * interval '1 second'))",
          sql_values(gateway.options().limits.signal_ttl.count())))
    gateway.reject(db, order.id, "the broker did not take it in time, or it is no longer wanted", "intent");
}

void Sweeper::Round::find_unknown() {
  for (const OrderRow& order : orders_where(db, gateway.label(), "o.status = 'unknown'")) {
    if (const auto said = gateway.broker().find(order.client_order_id)) {
      gateway.book(db, order.id, *said);
      continue;
    }
    // Only now is it asked how long ago that was: the answer may have taken its time.
    const Rows settled = db.query(
        "SELECT 1 FROM trading.orders WHERE id = $1::uuid AND status = 'unknown' AND placed_at < statement_timestamp() - "
        "$2::bigint * interval '1 millisecond'",
        sql_values(order.id, gateway.options().times.settle.count()));
    if (!settled.empty()) gateway.reject(db, order.id, "it never reached the broker", "unknown");
  }
}

void Sweeper::Round::cancel_due() {
  for (const OrderRow& order : orders_where(
           db, gateway.label(),
           "o.status = 'open' AND o.cancel_at <= statement_timestamp() AND (o.cancel_asked_at IS NULL OR "
           "o.cancel_asked_at < statement_timestamp() - $2::bigint * interval '1 millisecond')",
           sql_values(kCancelAgain.count()))) {
    gateway.broker().cancel(order.at_broker());
    db.query(
        "UPDATE trading.orders SET cancel_asked_at = clock_timestamp(), updated_at = clock_timestamp() WHERE id = $1::uuid AND "
        "closed_at IS NULL",
        sql_values(order.id));
    gateway.log().info(
        "order is being cancelled",
        {{"session_id", order.session_id}, {"order_id", order.id}, {"mode", name_of(order.mode)}});
  }
}

/// One question for all that is open. What it leaves out is asked for by itself.
void Sweeper::Round::poll() {
  const std::vector<OrderRow> open = orders_where(db, gateway.label(), "o.status = 'open'");
  const auto since = earliest_interest(db, gateway.label());
  if (!since) return;
  std::map<std::string, BrokerOrder> said;
  for (BrokerOrder& each : gateway.broker().orders_since(*since - kClockMargin)) {
    std::string id = each.client_order_id;
    said.insert_or_assign(std::move(id), std::move(each));
  }
  for (const OrderRow& order : open) {
    const auto at = said.find(order.client_order_id);
    const auto found =
        at != said.end() ? std::optional(at->second) : gateway.broker().find(order.client_order_id);
    if (found && says_news(order, *found)) gateway.book(db, order.id, *found);
    if (at != said.end()) said.erase(at);
  }
  book_strangers(said);
}

/// Orders of ours that count as closed, and of which the broker says more than is booked.
void Sweeper::Round::book_strangers(const std::map<std::string, BrokerOrder>& said) {
  std::vector<kernel::SqlValue> ids;
  for (const auto& [id, order] : said)
    if (id.starts_with("am-")) ids.emplace_back(id);
  if (ids.empty()) return;
  for (const OrderRow& order :
       orders_where(db, gateway.label(), "o.closed_at IS NOT NULL AND o.client_order_id = ANY ($2::text[])",
                    sql_values(kernel::sql_array(ids)))) {
    const BrokerOrder& each = said.at(order.client_order_id);
    if (each.filled_quantity > order.filled.quantity || (each.open && !order.known()))
      gateway.book(db, order.id, each);
  }
}

bool Sweeper::due(std::optional<kernel::SteadyTime>& last, std::chrono::milliseconds interval) {
  const auto now = steady_clock::now();
  if (last && now - *last < interval) return false;
  last = now;
  return true;
}

void Sweeper::round(kernel::Db& db) {
  Round round{gateway_, db};
  if (!take_sweep(db, gateway_.label(), gateway_.holder())) return;
  const GatewayTimes& times = gateway_.options().times;
  round.step("lost orders", [&] { round.mend_placing(); });
  round.step("orders that may not be open", [&] { want_cancelled(db, gateway_.label(), times.engine_lost); });
  round.step("intents", [&] { round.do_intents(); });
  round.step("unknown orders", [&] { round.find_unknown(); });
  round.step("cancelling", [&] { round.cancel_due(); });
  if (due(polled_, times.poll)) round.step("open orders", [&] { round.poll(); });
  if (due(marked_, kMarks)) round.step("what sessions are worth", [&] { mark_sessions(db, gateway_); });
  if (due(fees_, kFees)) round.step("posted fees", [&] { book_posted_fees(db, gateway_); });
  if (due(account_, kAccount))
    round.step("the account", [&] {
      const BrokerAccount account = gateway_.broker().account();
      if (!account.active)
        gateway_.log().error("the broker's account is not active", {{"status", account.status}});
      gateway_.set_account_active(account.active);
    });
}

void Sweeper::wake() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  woken_.notify_all();
}

void Sweeper::run(const kernel::DbOptions& options, const kernel::Stop& stop) {
  std::unique_ptr<kernel::Db> db;
  while (!stop.requested()) {
    try {
      if (!db) db = kernel::open_db(options);
      round(*db);
    } catch (const Error& error) {
      gateway_.log().warn("sweep failed; it is tried again", {{"error", error.message()}});
      db.reset();
    }
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, kPause, [&] { return wake_ || stop.requested(); });
    wake_ = false;
  }
  try {
    if (db) leave_sweep(*db, gateway_.label(), gateway_.holder());
  } catch (const Error& error) {  // its lease ends by itself
    gateway_.log().debug("the sweep's lease is not given back", {{"error", error.message()}});
  }
}

}  // namespace am::strategy
