#include "accept.hpp"

#include <charconv>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/strategy/day_slot.hpp"
#include "am/strategy/signal.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// A signal's row as it is there already.
struct KnownSignal {
  std::string session_id, status;
  Side side = Side::buy;
  Decimal price, quantity;
  std::optional<int> answer_status{};
  std::string answer{};
  std::optional<Instant> event_at{};
  std::uint32_t ordinal = 0;
  bool has_key = false;  ///< event_at and ordinal are known
};

std::optional<KnownSignal> read_signal(kernel::Sql& sql, const std::string& id) {
  const Rows rows = sql.query(
      "SELECT session_id::text AS session_id, status, side, price::text AS price, quantity::text AS quantity, answer_status, "
      "answer, (extract(epoch FROM event_at) * 1000000)::bigint AS event_at, ordinal FROM trading.signals WHERE id = $1::uuid",
      sql_values(id));
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  KnownSignal known;
  known.session_id = row.text("session_id");
  known.status = row.text("status");
  known.side = side_of(row.text("side")).value_or(Side::buy);
  known.price = row.decimal("price");
  known.quantity = row.decimal("quantity");
  if (!row.is_null("answer_status")) known.answer_status = static_cast<int>(row.integer("answer_status"));
  known.answer = row.maybe_text("answer").value_or("");
  known.event_at = row.maybe_micros("event_at");
  known.has_key = known.event_at && !row.is_null("ordinal");
  if (known.has_key) known.ordinal = static_cast<std::uint32_t>(row.integer("ordinal"));
  return known;
}

/// The broker's key of it: of the hash that the signal's id is made of, where the engine left what that was.
std::string client_id(const SignalPost& post, const LockedSession& session,
                      const std::optional<KnownSignal>& known) {
  if (known && known->has_key) {
    for (const std::string_view timeframe :
         {std::string_view(session.timeframe), std::string_view("trade")}) {
      const SignalIds ids = signal_ids({.session_id = session.id,
                                        .strategy_id = session.strategy_id,
                                        .timeframe = timeframe,
                                        .event = micros_of(*known->event_at),
                                        .ordinal = known->ordinal});
      if (ids.signal_id == post.signal_id) return ids.client_order_id;
    }
  }
  return client_order_id_of(post.signal_id);
}

double close_of(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Acceptor {
 public:
  Acceptor(kernel::Transaction& tx, const SignalPost& post, const std::string& order_id, const AcceptBed& bed)
      : tx_(tx), post_(post), order_id_(order_id), bed_(bed) {}

  Acceptance run();

 private:
  Acceptance answered(GatewayAnswer answer) { return {.answer = std::move(answer)}; }
  std::optional<Acceptance> repeated();
  Acceptance of_order(const OrderRow& order);
  Acceptance again(const OrderRow& order);
  void read_facts(const Switch& everything);
  Acceptance refuse(const std::vector<Checked>& checks);
  OrderRow write(const std::vector<Checked>& checks);
  std::vector<Checked> check() const {
    return run_checks(post_, facts_,
                      {.limits = bed_.options.limits,
                       .broker = bed_.broker,
                       .live = bed_.options.live,
                       .rules = rules_,
                       .now = bed_.now});
  }
  Instant at() const { return post_.generated_at.value_or(bed_.now); }
  Instant bar_clock() const { return session_.mode == Mode::rehearsal ? at() : bed_.now; }

  kernel::Transaction& tx_;
  const SignalPost& post_;
  const std::string& order_id_;
  const AcceptBed& bed_;
  LockedSession session_{};
  AssetRules rules_{};
  Facts facts_{};
  std::optional<KnownSignal> known_{};
};

Acceptance Acceptor::run() {
  const Switch everything = share_switch(tx_);
  const auto session = lock_trading_session(tx_, post_.session_id);
  if (!session) return answered(gateway_error(404, "session_not_found", "no session " + post_.session_id));
  session_ = *session;
  known_ = read_signal(tx_, post_.signal_id);
  if (auto before = repeated()) return *before;
  if (post_.symbol == session_.symbol) {
    const auto rules = bed_.rules(session_.symbol);
    if (!rules)
      return {.what = Acceptance::What::wants_rules, .symbol = session_.symbol, .asset = session_.asset};
    rules_ = *rules;
  }
  facts_.account = lock_account(tx_, session_.user_id);
  read_facts(everything);
  const std::vector<Checked> checks = check();
  if (!checks.back().ok) return refuse(checks);
  return {.what = Acceptance::What::placing, .order = write(checks)};
}

/// What was answered to the same signal before, or what has become of it.
std::optional<Acceptance> Acceptor::repeated() {
  if (!known_) return std::nullopt;
  if (known_->session_id != session_.id || known_->side != post_.side || known_->price != post_.price ||
      known_->quantity != post_.quantity)
    return answered(gateway_error(422, "signal_reused", "another signal has had this signalId"));
  if (known_->answer_status) return answered({.status = *known_->answer_status, .body = known_->answer});
  const Rows rows = tx_.query(
      "SELECT " + order_columns() + " FROM trading.orders o WHERE o.signal_id = $1::uuid FOR UPDATE",
      sql_values(post_.signal_id));
  if (!rows.empty()) return of_order(order_of(rows[0]));
  if (known_->status == "missed" || known_->status == "expired")
    return answered(gateway_error(422, "expired", "the signal is past its time to live"));
  return std::nullopt;
}

Acceptance Acceptor::of_order(const OrderRow& order) {
  if (order.status == "placing") return {.what = Acceptance::What::under_way};
  if (order.status == "intent") return again(order);
  const GatewayAnswer answer = answer_of(order);
  store_answer(tx_, post_.signal_id, answer);
  return answered(answer);
}

/// The broker did not take it, and said when it would: what has changed since is looked at again.
Acceptance Acceptor::again(const OrderRow& order) {
  const Switch everything = share_switch(tx_);
  facts_.status = session_.status;
  facts_.session_trading = session_.trading;
  facts_.global_trading = everything.trading;
  const auto may = [&](Trading trading) {
    return trading == Trading::active || (trading == Trading::reducing && post_.side == Side::sell);
  };
  const bool late = session_.mode != Mode::rehearsal && bed_.now - at() > bed_.options.limits.signal_ttl;
  if (session_.status != SessionStatus::running || !may(session_.trading) || !may(everything.trading) ||
      late || (post_.epoch && *post_.epoch != session_.epoch))
    return answered(gateway_error(409, "not_trading", "the session orders nothing any more"));
  if (order.not_before && bed_.now < *order.not_before) {
    GatewayAnswer answer = gateway_error(429, "broker_busy", "the broker takes no order now");
    answer.retry_after = std::chrono::ceil<std::chrono::seconds>(*order.not_before - bed_.now);
    return answered(std::move(answer));
  }
  tx_.query(
      "UPDATE trading.orders SET status = 'placing', holder = $2::jsonb, not_before = NULL, reason = NULL, placed_at = "
      "clock_timestamp(), cancel_at = clock_timestamp() + $3::integer * interval '1 second', updated_at = clock_timestamp() "
      "WHERE id = $1::uuid",
      sql_values(order.id, bed_.holder, bed_.options.limits.order_timeout.count()));
  OrderRow taken = order;
  taken.status = "placing";
  return {.what = Acceptance::What::placing, .order = std::move(taken)};
}

void Acceptor::read_facts(const Switch& everything) {
  // In a rehearsal the minute before the signal is meant: its bars may come a thousand times as fast.
  const bool rehearsal = session_.mode == Mode::rehearsal;
  const std::string recent =
      rehearsal
          ? "FROM trading.orders o JOIN trading.signals s ON s.id = o.signal_id WHERE s.generated_at > "
            "$5::timestamptz - interval '1 minute' AND s.generated_at <= $5::timestamptz AND "
          : "FROM trading.orders o WHERE o.created_at > statement_timestamp() - interval '1 minute' AND ";
  const std::string crossing_of = bed_.broker == "paper" ? "o.user_id = $2::uuid" : "o.broker = $6";
  const bool buys = post_.side == Side::buy;
  const Rows rows = tx_.query(
      "SELECT p.quantity::text AS held, p.cost::text AS cost, p.broker AS held_at, "
      "(SELECT coalesce(sum(o.quantity - o.filled_quantity), 0)::text FROM trading.orders o WHERE o.session_id = $1::uuid AND "
      "o.closed_at IS NULL AND o.side = 'SELL') AS selling, "
      "(SELECT coalesce(sum(o.reserved), 0)::text FROM trading.orders o WHERE o.session_id = $1::uuid AND o.closed_at IS NULL) "
      "AS buying, "
      "(SELECT count(*) " +
          recent +
          "o.session_id = $1::uuid) AS session_orders, "
          "(SELECT count(*) " +
          recent +
          "o.user_id = $2::uuid) AS account_orders, "
          "(SELECT " +
          std::string(buys ? "min" : "max") +
          "(o.limit_price)::text FROM trading.orders o WHERE o.closed_at IS NULL "
          "AND o.symbol = $3 AND o.side = $7 AND " +
          crossing_of + ") AS crossing, " + last_close_sql("$3", "$4", "$5") +
          " AS last_close, $6::text AS broker "
          "FROM (VALUES (1)) AS one LEFT JOIN trading.positions p ON p.session_id = $1::uuid AND p.symbol = $3 AND p.quantity > 0",
      sql_values(session_.id, session_.user_id, session_.symbol, session_.timeframe, bar_clock(), bed_.broker,
                 name_of(buys ? Side::sell : Side::buy)));
  const Row row = rows.only();
  facts_.status = session_.status;
  facts_.session_trading = session_.trading;
  facts_.global_trading = everything.trading;
  facts_.trading_reason = session_.trading != Trading::active ? session_.reason : everything.reason;
  facts_.mode = session_.mode;
  facts_.asset = session_.asset;
  facts_.symbol = session_.symbol;
  facts_.strategy_id = session_.strategy_id;
  facts_.epoch = session_.epoch;
  facts_.held = {row.maybe_decimal("held").value_or(Decimal(0)),
                 row.maybe_decimal("cost").value_or(Decimal(0))};
  facts_.held_at = row.maybe_text("held_at").value_or("");
  facts_.selling = row.decimal("selling");
  facts_.buying = row.decimal("buying");
  facts_.session_orders = static_cast<int>(row.integer("session_orders"));
  facts_.account_orders = static_cast<int>(row.integer("account_orders"));
  facts_.crossing = row.maybe_decimal("crossing");
  if (const auto close = row.maybe_text("last_close")) facts_.last_close = close_of(*close);
}

constexpr std::string_view kUpsertSignal =
    "INSERT INTO trading.signals (id, session_id, strategy_id, symbol, side, price, quantity, confidence, generated_at, metadata, "
    "status, reason, checks, answer_status, answer, created_at, updated_at) VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, "
    "$6::numeric, $7::numeric, $8::double precision, $9::timestamptz, $10::jsonb, $11, nullif($12, ''), $13::jsonb, "
    "$14::integer, $15, clock_timestamp(), clock_timestamp()) ON CONFLICT (id) DO UPDATE SET status = excluded.status, reason = "
    "excluded.reason, checks = excluded.checks, answer_status = excluded.answer_status, answer = excluded.answer, updated_at = "
    "clock_timestamp()";

kernel::SqlValues signal_values(const SignalPost& post, const LockedSession& session, Instant at,
                                std::string_view status, std::string_view reason,
                                const std::vector<Checked>& checks, const GatewayAnswer* answer) {
  const auto answer_status = answer != nullptr ? std::optional(answer->status) : std::nullopt;
  const auto answer_body = answer != nullptr ? std::optional(answer->body) : std::nullopt;
  char confidence[40] = {};
  std::to_chars(confidence, confidence + sizeof confidence - 1, post.confidence);
  return sql_values(post.signal_id, session.id, session.strategy_id, session.symbol, name_of(post.side),
                    post.price, post.quantity, std::string(confidence), at, post.metadata, status, reason,
                    to_json(checks), answer_status, answer_body);
}

/// What may be different the next time is not kept: another engine may send the same signal under the epoch that counts,
/// a minute passes.
bool is_kept(Check check) {
  return check != Check::epoch && check != Check::rate && check != Check::symbol && check != Check::quantity;
}

/// Whether a row holds it as it was sent. What is refused before its amounts are looked at may have any.
bool is_storable(const Decimal& amount) {
  static const Decimal kBound = Decimal::of("1e21");
  return amount.abs() < kBound && has_places(amount, kPlaces);
}

Acceptance Acceptor::refuse(const std::vector<Checked>& checks) {
  const Checked& failed = checks.back();
  GatewayAnswer answer = gateway_error(status_of(failed.check), code_of(failed.check),
                                       std::string(name_of(failed.check)) + ": " + failed.says);
  const bool kept =
      is_kept(failed.check) || (known_ && failed.check != Check::epoch && failed.check != Check::rate);
  if (kept && is_storable(post_.price) && is_storable(post_.quantity))
    tx_.query(kUpsertSignal,
              signal_values(post_, session_, at(), "refused", name_of(failed.check), checks, &answer));
  return answered(std::move(answer));
}

OrderRow Acceptor::write(const std::vector<Checked>& checks) {
  const GatewayLimits& limits = bed_.options.limits;
  OrderRow order;
  order.id = order_id_;
  order.client_order_id = client_id(post_, session_, known_);
  order.signal_id = post_.signal_id;
  order.session_id = session_.id;
  order.user_id = session_.user_id;
  order.broker = bed_.broker;
  order.mode = session_.mode;
  order.asset = session_.asset;
  order.symbol = session_.symbol;
  order.side = post_.side;
  order.quantity = post_.quantity;
  order.signal_price = post_.price;
  order.limit_price = limit_price(post_.side, post_.price, limits.collar_pct);
  order.status = "placing";
  order.reserved = reserve_of(post_.side, post_.quantity, order.limit_price, limits.fee_bps);
  kernel::SqlValues values = signal_values(post_, session_, at(), "ordered", "", checks, nullptr);
  const kernel::SqlValues more = sql_values(order.id, order.client_order_id, order.user_id, order.broker,
                                            name_of(order.mode), name_of(order.asset), order.limit_price,
                                            order.reserved, bed_.holder, limits.order_timeout.count());
  values.insert(values.end(), more.begin(), more.end());
  tx_.query(
      "WITH signal AS (" + std::string(kUpsertSignal) +
          "), promised AS (UPDATE trading.users SET reserved = reserved + $23::numeric, updated_at = clock_timestamp() WHERE id "
          "= $18::uuid) INSERT INTO trading.orders (id, client_order_id, signal_id, session_id, user_id, broker, mode, symbol, "
          "asset_type, side, quantity, signal_price, limit_price, status, reserved, holder, placed_at, cancel_at, created_at, "
          "updated_at) VALUES ($16::uuid, $17, $1::uuid, $2::uuid, $18::uuid, $19, $20, $4, $21, $5, $7::numeric, $6::numeric, "
          "$22::numeric, 'placing', $23::numeric, $24::jsonb, clock_timestamp(), clock_timestamp() + $25::integer * interval "
          "'1 second', clock_timestamp(), clock_timestamp())",
      values);
  return order;
}

}  // namespace

Acceptance accept_signal(kernel::Transaction& tx, const SignalPost& post, const std::string& order_id,
                         const AcceptBed& bed) {
  return Acceptor(tx, post, order_id, bed).run();
}

std::string last_close_sql(std::string_view symbol, std::string_view timeframe, std::string_view at) {
  const std::string when = std::string(at) + "::timestamptz";
  const std::string length(timeframe);
  return "(SELECT b.c::text FROM market.bars b WHERE b.symbol = " + std::string(symbol) +
         " AND b.timeframe = " + length + " AND b.ts < " + when + " AND b.ts > " + when +
         " - greatest(interval '10 minutes', 10 * " + length +
         "::text::interval) ORDER BY b.ts DESC LIMIT 1)";
}

}  // namespace am::strategy
