// Claims of sessions. Conditions use statement_timestamp(), what is written uses clock_timestamp().

#include <set>

#include "am/base/text.hpp"
#include "am/kernel/ledger.hpp"
#include "am/strategy/sessions.hpp"
#include "session_rows.hpp"

namespace am::strategy {

using kernel::Renewal;
using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;

namespace {

/// Of what is said about a session.
constexpr std::size_t kReasonBytes = 2000;

/// Who holds what of this type, with the lease still running: a process may be known to be gone before its lease is over.
constexpr std::string_view kHeld =
    "SELECT id::text AS id, epoch, holder::text AS holder FROM trading.sessions WHERE status = 'RUNNING' AND asset_type = $1 AND "
    "lease_until > statement_timestamp() AND holder IS NOT NULL";

/// $3, $4: sessions whose holder is gone, at the epoch at which that was seen.
constexpr std::string_view kTakeSessions = R"(
WITH picked AS MATERIALIZED (
  SELECT id FROM trading.sessions s WHERE status = 'RUNNING' AND asset_type = $1 AND NOT (id = ANY($2::uuid[])) AND
    (lease_until IS NULL OR lease_until <= statement_timestamp() OR
      EXISTS (SELECT FROM unnest($3::uuid[], $4::bigint[]) AS g(id, epoch) WHERE g.id = s.id AND g.epoch = s.epoch))
  ORDER BY started_at, id LIMIT $5::bigint FOR NO KEY UPDATE SKIP LOCKED)
UPDATE trading.sessions s SET epoch = s.epoch + 1, holder = $6::jsonb, lease_until = clock_timestamp() + $7::bigint * interval
  '1 millisecond', updated_at = clock_timestamp() FROM picked WHERE s.id = picked.id RETURNING s.id::text AS id)";

/// Skips what is locked: mostly by the transaction that writes for it.
constexpr std::string_view kRenewSessions = R"(
WITH asked AS (SELECT id, epoch, place FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS a(id, epoch, place)),
mine AS MATERIALIZED (
  SELECT s.id FROM asked a JOIN trading.sessions s ON s.id = a.id AND s.epoch = a.epoch
  WHERE s.status = 'RUNNING' AND s.lease_until > statement_timestamp() FOR NO KEY UPDATE OF s SKIP LOCKED
), renewed AS (
  UPDATE trading.sessions s SET lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond', updated_at =
    clock_timestamp() FROM mine WHERE s.id = mine.id RETURNING s.id
)
SELECT CASE WHEN r.id IS NOT NULL THEN 'renewed' WHEN s.id IS NOT NULL THEN 'unknown' ELSE 'lost' END AS fate
FROM asked a LEFT JOIN renewed r ON r.id = a.id LEFT JOIN trading.sessions s ON s.id = a.id AND s.epoch = a.epoch AND s.status =
  'RUNNING' AND s.lease_until > statement_timestamp()
ORDER BY a.place)";

/// In the order of ids, so that of two writers none waits for the other's second row.
constexpr std::string_view kStoreStates = R"(
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    AS g(id, epoch, state, last_event_at, stale_since)
), mine AS MATERIALIZED (
  SELECT s.id FROM given g JOIN trading.sessions s ON s.id = g.id AND s.epoch = g.epoch
  WHERE s.status = 'RUNNING' AND s.lease_until > statement_timestamp() ORDER BY s.id FOR NO KEY UPDATE OF s
), stored AS (
  UPDATE trading.sessions s SET state = g.state, last_event_at = coalesce(g.last_event_at, s.last_event_at), stale_since =
    g.stale_since, updated_at = clock_timestamp() FROM mine JOIN given g ON g.id = mine.id WHERE s.id = mine.id RETURNING s.id
)
SELECT id::text AS id FROM given WHERE id NOT IN (SELECT id FROM stored) ORDER BY 1)";

SqlValue ids_of(std::span<const SessionToken> tokens) {
  std::vector<SqlValue> ids;
  for (const SessionToken& token : tokens) ids.push_back(sql_value(token.id));
  return sql_array(ids);
}

SqlValue epochs_of(std::span<const SessionToken> tokens) {
  std::vector<SqlValue> epochs;
  for (const SessionToken& token : tokens) epochs.push_back(sql_value(token.epoch));
  return sql_array(epochs);
}

Error lost_session(const std::string& id) {
  return Error(ErrorKind::busy, "session " + id + ": it ended, or another engine has it",
               "nothing of this engine was written for it")
      .final();
}

/// Those whose process is gone, whatever is left of their lease.
std::vector<SessionToken> abandoned(kernel::Sql& sql, AssetType asset) {
  std::vector<SessionToken> gone;
  std::set<std::string> dead, alive;  // an engine holds many: each is looked at once
  for (const Row row : sql.query(kHeld, sql_values(name_of(asset)))) {
    const std::string& text = row.text("holder");
    if (alive.contains(text)) continue;
    if (!dead.contains(text)) {
      const auto holder = kernel::Holder::from_json(text);
      const bool is_gone = holder && holder->is_certainly_gone();
      (is_gone ? dead : alive).insert(text);
      if (!is_gone) continue;
    }
    gone.push_back({row.text("id"), row.integer("epoch")});
  }
  return gone;
}

}  // namespace

std::vector<ClaimedSession> claim_sessions(kernel::Db& db, const SessionClaim& claim) {
  std::vector<ClaimedSession> claimed;
  if (claim.most == 0) return claimed;
  std::vector<SqlValue> except;
  for (const std::string& id : claim.except) except.push_back(sql_value(id));
  db.transact([&](kernel::Transaction& tx) {
    claimed.clear();
    const std::vector<SessionToken> gone = abandoned(tx, claim.asset);
    const Rows taken = tx.query(
        kTakeSessions, sql_values(name_of(claim.asset), sql_array(except), ids_of(gone), epochs_of(gone),
                                  claim.most, kernel::Holder::self().to_json(), claim.lease.count()));
    if (taken.empty()) return;
    std::vector<SqlValue> ids;
    for (const Row row : taken) ids.push_back(sql_value(row.text("id")));
    const Rows rows = tx.query(
        "SELECT " + session_columns() +
            ", t.language, t.code, t.params::text AS params, coalesce(s.state, '') AS state, coalesce(p.quantity, 0)::text AS "
            "quantity, coalesce(p.cost, 0)::text AS cost" +
            std::string(kSessionTables) +
            "LEFT JOIN trading.positions p ON p.session_id = s.id AND p.symbol = s.symbol WHERE s.id = ANY($1::uuid[]) ORDER BY "
            "s.started_at, s.id",
        sql_values(sql_array(ids)));
    for (const Row row : rows) {
      claimed.push_back({.session = session_of(row),
                         .spec = {.name = row.text("strategy"),
                                  .language = row.text("language"),
                                  .code = row.text("code"),
                                  .params = row.text("params")},
                         .state = row.text("state"),
                         .position = {row.decimal("quantity").to_double(), row.decimal("cost").to_double()}});
    }
  });
  return claimed;
}

kernel::Heartbeat::Renew session_renewer(std::span<const ClaimedSession> claimed,
                                         std::chrono::milliseconds lease) {
  std::vector<SessionToken> tokens;
  for (const ClaimedSession& each : claimed) tokens.push_back(each.token());
  return [tokens, lease](kernel::Sql& sql, std::span<const std::size_t> kept) {
    std::vector<SessionToken> those;
    for (const std::size_t i : kept) those.push_back(tokens[i]);
    std::vector<Renewal> fates;
    for (const Row row :
         sql.query(kRenewSessions, sql_values(ids_of(those), epochs_of(those), lease.count()))) {
      const std::string& fate = row.text("fate");
      fates.push_back(fate == "renewed"   ? Renewal::renewed
                      : fate == "unknown" ? Renewal::unknown
                                          : Renewal::lost);
    }
    return fates;
  };
}

std::vector<std::string> lease_subjects(std::span<const ClaimedSession> claimed) {
  std::vector<std::string> subjects;
  for (const ClaimedSession& each : claimed) subjects.push_back("session " + each.session.id);
  return subjects;
}

void fence(kernel::Sql& sql, const SessionToken& token) {
  const Rows rows = sql.query(
      "SELECT id FROM trading.sessions WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'RUNNING' AND lease_until > "
      "statement_timestamp() FOR NO KEY UPDATE",
      sql_values(token.id, token.epoch));
  if (rows.empty()) throw lost_session(token.id);
}

std::vector<std::string> store_states(kernel::Sql& sql, std::span<const SessionState> states) {
  if (states.empty()) return {};
  std::vector<SqlValue> ids, epochs, texts, events, stale;
  for (const SessionState& each : states) {
    ids.push_back(sql_value(each.token.id));
    epochs.push_back(sql_value(each.token.epoch));
    texts.push_back(sql_value(each.state));
    events.push_back(sql_value(each.last_event_at));
    stale.push_back(sql_value(each.stale_since));
  }
  const Rows rows = sql.query(kStoreStates, sql_values(sql_array(ids), sql_array(epochs), sql_array(texts),
                                                       sql_array(events), sql_array(stale)));
  std::vector<std::string> lost;
  for (const Row row : rows) lost.push_back(row.text("id"));
  return lost;
}

void store_state(kernel::Sql& sql, const SessionState& state) {
  if (!store_states(sql, std::span(&state, 1)).empty()) throw lost_session(state.token.id);
}

void release_sessions(kernel::Sql& sql, std::span<const SessionToken> tokens) {
  if (tokens.empty()) return;
  sql.query(
      "UPDATE trading.sessions s SET holder = NULL, lease_until = NULL, updated_at = clock_timestamp() FROM unnest($1::uuid[], "
      "$2::bigint[]) AS g(id, epoch) WHERE s.id = g.id AND s.epoch = g.epoch",
      sql_values(ids_of(tokens), epochs_of(tokens)));
}

void fail_session(kernel::Transaction& tx, const SessionToken& token, std::string_view reason, Instant now) {
  fence(tx, token);
  end_session(tx, token.id, SessionStatus::failed, one_line(reason, kReasonBytes), now);
}

}  // namespace am::strategy
