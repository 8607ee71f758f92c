#include "session_work.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/kernel/ledger.hpp"
#include "am/strategy/day_slot.hpp"
#include "am/strategy/desk.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;

namespace {

constexpr std::size_t kMostReason = 300;

/// Those that were there already keep their state.
constexpr std::string_view kInsertSignals = R"(
INSERT INTO trading.signals (id, session_id, strategy_id, symbol, side, price, quantity, confidence, event_at, ordinal,
  generated_at, metadata, status, reason, created_at, updated_at)
SELECT id, session_id, strategy_id, symbol, side, price, quantity, confidence, event_at, ordinal, generated_at, metadata,
  status, reason, clock_timestamp(), clock_timestamp()
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::float8[],
  $9::timestamptz[], $10::integer[], $11::timestamptz[], $12::jsonb[], $13::text[], $14::text[])
  AS g(id, session_id, strategy_id, symbol, side, price, quantity, confidence, event_at, ordinal, generated_at, metadata,
    status, reason)
ON CONFLICT (id) DO NOTHING)";

/// The columns of kInsertSignals.
class SignalColumns {
 public:
  void add(const Decision& decision) {
    const Signal& signal = decision.signal;
    const bool is_missed = decision.what == Decision::What::missed;
    SqlValue values[] = {sql_value(signal.signal_id),
                         sql_value(signal.session_id),
                         sql_value(signal.strategy_id),
                         sql_value(signal.symbol),
                         sql_value(name_of(signal.side)),
                         sql_value(signal.price),
                         sql_value(signal.quantity),
                         sql_value(double_text(signal.confidence)),
                         sql_value(instant_of(decision.event)),
                         sql_value(decision.ordinal),
                         sql_value(instant_of(signal.generated_at)),
                         sql_value(signal.metadata),
                         sql_value(is_missed ? "missed" : "pending"),
                         is_missed ? sql_value("its event came too late") : std::nullopt};
    static_assert(std::size(decltype(values){}) == kColumns);
    for (std::size_t i = 0; i < kColumns; ++i) columns_[i].push_back(std::move(values[i]));
  }
  bool empty() const { return columns_[0].empty(); }
  kernel::SqlValues arrays() const {
    kernel::SqlValues all;
    for (const auto& column : columns_) all.push_back(sql_array(column));
    return all;
  }
  SqlValue ids() const { return sql_array(columns_[0]); }

 private:
  static constexpr std::size_t kColumns = 14;
  static std::string double_text(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
  }
  std::vector<SqlValue> columns_[kColumns];
};

std::vector<SqlValue> ids_of(std::span<const SessionToken> tokens) {
  std::vector<SqlValue> ids;
  for (const SessionToken& token : tokens) ids.push_back(sql_value(token.id));
  return ids;
}

}  // namespace

Flushed store_flush(kernel::Db& db, const Flush& flush) {
  Flushed flushed;
  db.transact([&](kernel::Transaction& tx) {
    flushed = {};
    flushed.lost = store_states(tx, flush.states);
    const std::set<std::string_view> lost(flushed.lost.begin(), flushed.lost.end());
    SignalColumns signals;
    for (const Decision& decision : flush.decisions) {
      const bool is_stored =
          decision.what == Decision::What::signal || decision.what == Decision::What::missed;
      if (is_stored && !lost.contains(decision.signal.session_id)) signals.add(decision);
    }
    if (!signals.empty()) {
      tx.query(kInsertSignals, signals.arrays());
      const Rows pending = tx.query(
          "SELECT id::text AS id FROM trading.signals WHERE id = ANY($1::uuid[]) AND status = 'pending'",
          {signals.ids()});
      for (const Row row : pending) flushed.pending.push_back(row.text("id"));
    }
    if (!flush.release) return;
    std::vector<SessionToken> tokens;
    for (const SessionState& state : flush.states) tokens.push_back(state.token);
    release_sessions(tx, tokens);
  });
  return flushed;
}

std::vector<Signal> pending_signals(kernel::Sql& sql, std::span<const SessionToken> tokens) {
  const Rows rows = sql.query(
      "SELECT id::text AS id, session_id::text AS session_id, strategy_id::text AS strategy_id, symbol, side, trim_scale(price)::text AS "
      "price, trim_scale(quantity)::text AS quantity, confidence::text AS confidence, (extract(epoch FROM generated_at) * 1000000)::bigint "
      "AS generated_at, metadata::text AS metadata FROM trading.signals WHERE session_id = ANY($1::uuid[]) AND status = "
      "'pending' ORDER BY generated_at, event_at, ordinal, id",
      {sql_array(ids_of(tokens))});
  std::vector<Signal> signals;
  for (const Row row : rows) {
    const std::string& id = row.text("session_id");
    const auto token = std::ranges::find(tokens, id, &SessionToken::id);
    signals.push_back({.session_id = id,
                       .epoch = token->epoch,
                       .strategy_id = row.text("strategy_id"),
                       .symbol = row.text("symbol"),
                       .side = side_of(row.text("side")).value(),
                       .price = row.decimal("price"),
                       .quantity = row.decimal("quantity"),
                       .confidence = row.decimal("confidence").to_double(),
                       .signal_id = row.text("id"),
                       .client_order_id = {},  // the gateway's business
                       .generated_at = micros_of(row.micros("generated_at")),
                       .metadata = row.text("metadata")});
  }
  return signals;
}

bool close_signal(kernel::Db& db, const SessionToken& token, const std::string& signal_id,
                  const Delivery& delivery) {
  try {
    db.transact([&](kernel::Transaction& tx) {
      fence(tx, token);
      tx.query(
          "UPDATE trading.signals SET status = $2, reason = $3, answer_status = $4::integer, updated_at = clock_timestamp() "
          "WHERE id = $1::uuid AND status = 'pending'",
          sql_values(signal_id, delivery.what == Delivery::What::refused ? "refused" : "expired",
                     recordable(delivery.reason, kMostReason),
                     delivery.status == 0 ? std::nullopt : std::optional(delivery.status)));
    });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::busy) return false;
    throw;
  }
  return true;
}

void expire_signals(kernel::Sql& sql, const std::string& session_id, std::string_view reason) {
  sql.query(
      "UPDATE trading.signals SET status = 'expired', reason = $2, updated_at = clock_timestamp() WHERE session_id = $1::uuid "
      "AND status = 'pending' AND EXISTS (SELECT FROM trading.sessions s WHERE s.id = $1::uuid AND s.status <> 'RUNNING')",
      sql_values(session_id, recordable(reason, kMostReason)));
}

std::vector<Gone> gone_sessions(kernel::Sql& sql, std::span<const SessionToken> tokens) {
  std::vector<SqlValue> epochs;
  for (const SessionToken& token : tokens) epochs.push_back(sql_value(token.epoch));
  const Rows rows = sql.query(
      "SELECT g.id::text AS id, coalesce(s.status, 'gone') AS status FROM unnest($1::uuid[], $2::bigint[]) AS g(id, epoch) LEFT "
      "JOIN trading.sessions s ON s.id = g.id WHERE s.id IS NULL OR s.status <> 'RUNNING' OR s.epoch <> g.epoch",
      sql_values(sql_array(ids_of(tokens)), sql_array(epochs)));
  std::vector<Gone> gone;
  for (const Row row : rows) {
    const std::string& status = row.text("status");
    const bool ended = status != name_of(SessionStatus::running);
    gone.push_back({row.text("id"), ended ? status : "held by another engine", ended});
  }
  return gone;
}

void forget_claims(kernel::Sql& sql, AssetType asset, std::span<const SessionToken> kept) {
  sql.query(
      "UPDATE trading.sessions SET holder = NULL, lease_until = NULL, updated_at = clock_timestamp() WHERE status = 'RUNNING' AND "
      "asset_type = $1 AND holder = $2::jsonb AND NOT (id = ANY($3::uuid[]))",
      sql_values(name_of(asset), kernel::Holder::self().to_json(), sql_array(ids_of(kept))));
}

Share share_of(kernel::Sql& sql, AssetType asset, const std::string& slot) {
  const Rows rows = sql.query(
      "SELECT (SELECT count(*) FROM trading.sessions WHERE status = 'RUNNING' AND asset_type = $1) AS running, (SELECT count(*) "
      "FROM ops.runs WHERE job = $2 AND (slot = $3 OR starts_with(slot, $3 || '#')) AND status = 'running' AND lease_until > "
      "statement_timestamp()) AS engines",
      sql_values(name_of(asset), kRunJob, slot));
  const Row row = rows.only();
  return {.running = static_cast<std::size_t>(row.integer("running")),
          .engines = static_cast<std::size_t>(std::max(1LL, row.integer("engines")))};
}

bool is_run_live(kernel::Sql& sql, const std::string& slot) {
  const Rows rows = sql.query(
      "SELECT EXISTS (SELECT FROM ops.runs WHERE job = $1 AND slot = $2 AND status = 'running' AND lease_until > "
      "statement_timestamp()) AS live",
      sql_values(kRunJob, slot));
  return rows.only().boolean("live");
}

Mismatches compare_hints(kernel::Sql& sql, std::span<const ControlEvent> events) {
  Mismatches found;
  for (const ControlEvent& event : events) {
    const auto uuid = [](const std::string& text) {
      return text.empty() ? std::nullopt : canonical_uuid(text);
    };
    const auto session = uuid(event.session_id);
    const auto strategy = uuid(event.strategy_id);
    // An id that can be none is no session's.
    const bool is_named = (event.session_id.empty() || session) && (event.strategy_id.empty() || strategy);
    bool runs = false;
    if (is_named) {
      const Rows rows = sql.query(
          "SELECT EXISTS (SELECT FROM trading.sessions WHERE status = 'RUNNING' AND asset_type = $1 AND symbol = $2 AND ($3::uuid "
          "IS NULL OR id = $3::uuid) AND ($4::uuid IS NULL OR strategy_id = $4::uuid)) AS runs",
          sql_values(name_of(event.type), event.symbol, session, strategy));
      runs = rows.only().boolean("runs");
    }
    const bool subscribes = event.action == ControlEvent::Action::subscribe;
    if (subscribes && !runs) ++found.without_session;
    if (!subscribes && runs) ++found.still_running;
  }
  return found;
}

void tell_event(kernel::Sql& sql, std::string_view kind, const std::string& run_id,
                const std::string& data_json, const std::string& subject) {
  kernel::Ledger::event(sql, kind, std::nullopt, run_id, data_json, subject);
}

}  // namespace am::strategy
