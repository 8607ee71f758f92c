// The ledger for people and for outside effects: events, listings, closing runs by hand, effects. Claiming and
// working on runs is ledger.cpp.

#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kRunColumns =
    "id::text AS id, job, slot, status, params::text AS params, coalesce(error->>'message', '') AS error, "
    "coalesce(recovered_from, '') AS recovered_from, version, coalesce(holder::text, '') AS holder, attempt, "
    "epoch, "
    "(extract(epoch from started_at) * 1000000)::bigint AS started_at, "
    "(extract(epoch from finished_at) * 1000000)::bigint AS finished_at, "
    "(extract(epoch from lease_until) * 1000000)::bigint AS lease_until, "
    "(extract(epoch from not_before) * 1000000)::bigint AS not_before, "
    "coalesce(lease_until > clock_timestamp(), false) AS lease_live";

RunInfo run_info(const Row& row) {
  RunInfo info;
  info.id = row.text("id");
  info.job = row.text("job");
  info.slot = row.text("slot");
  info.status = row.text("status");
  info.params = row.text("params");
  info.error = row.text("error");
  info.recovered_from = row.text("recovered_from");
  info.version = row.text("version");
  info.holder = row.text("holder");
  info.attempt = static_cast<int>(row.integer("attempt"));
  info.epoch = row.integer("epoch");
  info.started_at = row.micros("started_at");
  info.finished_at = row.maybe_micros("finished_at");
  info.lease_until = row.maybe_micros("lease_until");
  info.not_before = row.maybe_micros("not_before");
  info.lease_live = row.boolean("lease_live");
  return info;
}

Error not_found(const std::string& id, const std::string& list) {
  return {ErrorKind::no_input, "run " + id + ": not found", "list them with: " + list};
}

}  // namespace

void Ledger::event(Sql& sql, std::string_view kind, const std::optional<std::string>& batch_id,
                   const std::optional<std::string>& run_id, std::string_view data_json,
                   const std::optional<std::string>& subject) {
  sql.query(
      "INSERT INTO ops.events (kind, batch_id, run_id, data, subject) VALUES ($1, $2::uuid, $3::uuid, $4::jsonb, $5)",
      sql_values(kind, batch_id, run_id, data_json, subject));
}

std::vector<RunInfo> Ledger::list(const std::optional<std::string>& job,
                                  const std::optional<std::string>& status, int limit) {
  const Rows rows = db_.query(
      "SELECT " + std::string(kRunColumns) +
          " FROM ops.runs WHERE ($1::text IS NULL OR job = $1) AND ($2::text IS NULL OR status = $2) "
          "ORDER BY started_at DESC, id DESC LIMIT $3::int",
      sql_values(job, status, limit));
  std::vector<RunInfo> runs;
  for (const Row row : rows) runs.push_back(run_info(row));
  return runs;
}

std::optional<RunInfo> Ledger::find(const std::string& id) {
  const Rows rows =
      db_.query("SELECT " + std::string(kRunColumns) + " FROM ops.runs WHERE id = $1::uuid", sql_values(id));
  if (rows.empty()) return std::nullopt;
  return run_info(rows[0]);
}

std::optional<RunInfo> Ledger::find(std::string_view job, std::string_view slot) {
  const Rows rows =
      db_.query("SELECT " + std::string(kRunColumns) + " FROM ops.runs WHERE job = $1 AND slot = $2",
                sql_values(job, slot));
  if (rows.empty()) return std::nullopt;
  return run_info(rows[0]);
}

std::vector<StepInfo> Ledger::steps(const std::string& run_id) {
  const Rows rows = db_.query(
      "SELECT name, input_hash, output::text AS output, attempts, version, "
      "(extract(epoch from started_at) * 1000000)::bigint AS started_at, "
      "(extract(epoch from finished_at) * 1000000)::bigint AS finished_at "
      "FROM ops.steps WHERE run_id = $1::uuid ORDER BY started_at, name",
      sql_values(run_id));
  std::vector<StepInfo> steps;
  for (const Row row : rows) {
    steps.push_back({row.text("name"), row.text("input_hash"), row.text("version"), row.maybe_text("output"),
                     static_cast<int>(row.integer("attempts")), row.micros("started_at"),
                     row.maybe_micros("finished_at")});
  }
  return steps;
}

std::vector<EventInfo> Ledger::events(const EventFilter& filter) {
  // Only what filters is in the statement, so that each can walk an index backwards and stop.
  std::string where;
  SqlValues values = sql_values(filter.limit);
  const auto also = [&](const std::string& test, const SqlValue& value, const std::string& type) {
    if (!value) return;
    values.push_back(value);
    where += (where.empty() ? " WHERE " : " AND ") + test + " $" + std::to_string(values.size()) + type;
  };
  also("batch_id =", sql_value(filter.batch_id), "::uuid");
  also("run_id =", sql_value(filter.run_id), "::uuid");
  also("subject =", sql_value(filter.subject), "");
  also("kind =", sql_value(filter.kind), "");
  also("at >=", sql_value(filter.since), "::timestamptz");
  const Rows rows = db_.query(
      "SELECT (extract(epoch FROM at) * 1000000)::bigint AS at, kind, batch_id::text AS batch_id, run_id::text AS "
      "run_id, data::text AS data, subject FROM ops.events" +
          where + " ORDER BY id DESC LIMIT $1::int",
      values);
  std::vector<EventInfo> events;
  for (const Row row : rows) {
    events.push_back({row.micros("at"), row.text("kind"), row.maybe_text("batch_id"),
                      row.maybe_text("run_id"), row.text("data"), row.maybe_text("subject")});
  }
  return events;
}

bool Ledger::abandon(const std::string& id) {
  for (;;) {
    const Rows rows = db_.query(
        "UPDATE ops.runs SET status = 'abandoned', epoch = epoch + 1, lease_until = NULL, finished_at = "
        "clock_timestamp() WHERE id = $1::uuid AND status NOT IN ('done', 'abandoned') RETURNING id",
        sql_values(id));
    if (!rows.empty()) return true;
    const std::optional<RunInfo> found = find(id);
    if (!found) throw not_found(id, "am runs list");
    if (found->status == "abandoned") return false;
    if (found->status == "done")
      throw Error(ErrorKind::needs_human, "run " + id + ": it is done, there is nothing to abandon");
    // Opened again in between: look again.
  }
}

bool Ledger::break_lock(const std::string& id, std::string_view reason) {
  const Rows rows = db_.query(
      "WITH broken AS (UPDATE ops.runs SET status = 'interrupted', epoch = epoch + 1, lease_until = NULL, "
      "finished_at = clock_timestamp(), error = jsonb_build_object('code', 'interrupted', 'message', "
      "'the lock was broken: ' || $2::text, 'hint', '') WHERE id = $1::uuid AND status = 'running' "
      "RETURNING id, job, slot) "
      "INSERT INTO ops.events (kind, run_id, data) SELECT 'lock_broken', id, jsonb_build_object('job', job, 'slot', "
      "slot, 'reason', $2::text) "
      "FROM broken RETURNING id",
      sql_values(id, reason));
  if (!rows.empty()) return true;
  if (find(id)) return false;
  throw not_found(id, "am locks list");
}

void Ledger::discard(const RunInfo& as_read, bool keeps_evidence) {
  const Rows rows = db_.query(
      "WITH gone AS (DELETE FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND status = $3 RETURNING id, job, "
      "slot), kept AS (INSERT INTO ops.discarded_steps (run_id, job, slot, name, input_hash, output, version, "
      "started_at, finished_at) SELECT s.run_id, job, slot, s.name, s.input_hash, s.output, s.version, s.started_at, "
      "s.finished_at FROM gone JOIN ops.steps s ON s.run_id = gone.id WHERE $4 AND s.output IS NOT NULL AND "
      "s.finished_at IS NOT NULL) SELECT id FROM gone",
      sql_values(as_read.id, as_read.epoch, as_read.status, keeps_evidence));
  if (!rows.empty()) return;
  const std::optional<RunInfo> found = find(as_read.id);
  if (!found) throw not_found(as_read.id, "am runs list");
  throw Error(ErrorKind::busy,
              "run " + as_read.id + ": another process was at it meanwhile (it was " + as_read.status +
                  " in attempt " + std::to_string(as_read.attempt) + ", it is " + found->status +
                  " in attempt " + std::to_string(found->attempt) + ")",
              "look at it: am runs show " + as_read.id + ", then decide again");
}

bool Ledger::reopen(const std::string& id) {
  return !db_.query(
                 "UPDATE ops.runs SET status = 'interrupted' WHERE id = $1::uuid AND status = 'abandoned' "
                 "RETURNING id",
                 sql_values(id))
              .empty();
}

// --- effects ---------------------------------------------------------------------------------------------

namespace {

/// Whether another process may still be about it. One of this process was left behind by an earlier attempt.
bool is_held_by_another(const Row& row, std::chrono::milliseconds patience) {
  if (row.text("status") != "intent" || std::chrono::milliseconds(row.integer("age_ms")) >= patience)
    return false;
  const std::optional<Holder> holder =
      row.is_null("holder") ? std::nullopt : Holder::from_json(row.text("holder"));
  return !holder || (!holder->is_certainly_gone() && row.text("holder") != row.text("self"));
}

Effect::State effect_state(std::string_view status) {
  return status == "done"     ? Effect::State::done
         : status == "failed" ? Effect::State::failed
                              : Effect::State::unknown;
}

}  // namespace

Effect begin_effect(Sql& sql, const std::optional<std::string>& run_id, std::string_view kind,
                    std::string_view idempotency_key, std::string_view request_json,
                    std::chrono::milliseconds patience) {
  const std::string self = Holder::self().to_json();
  for (;;) {
    const Rows fresh = sql.query(
        "INSERT INTO ops.effects (id, run_id, kind, idempotency_key, status, request, holder) "
        "VALUES ($1::uuid, $2::uuid, $3, $4, 'intent', $5::jsonb, $6::jsonb) ON CONFLICT (idempotency_key) DO NOTHING "
        "RETURNING id",
        sql_values(new_id(), run_id, kind, idempotency_key, request_json, self));
    if (!fresh.empty()) return {};
    const Rows known = sql.query(
        "SELECT id, status, holder::text AS holder, ($2::jsonb)::text AS self, coalesce(response::text, '') AS response, "
        "(extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint AS age_ms "
        "FROM ops.effects WHERE idempotency_key = $1",
        sql_values(idempotency_key, self));
    if (known.empty()) continue;  // pruned, or discarded with its run, in between
    const Row row = known.only();
    if (is_held_by_another(row, patience)) return {.state = Effect::State::held};
    if (row.text("status") != "intent")
      return {.state = effect_state(row.text("status")), .response = row.text("response")};
    // Its end may have been told since it was read: then it is looked at again.
    const Rows left = sql.query(
        "UPDATE ops.effects SET status = 'unknown' WHERE id = $1::uuid AND status = 'intent' RETURNING id",
        sql_values(row.text("id")));
    if (!left.empty()) return {.state = Effect::State::unknown};
  }
}

void end_effect(Sql& sql, std::string_view idempotency_key, Effect::State state,
                std::string_view response_json) {
  const std::string_view status = state == Effect::State::done     ? "done"
                                  : state == Effect::State::failed ? "failed"
                                                                   : "unknown";
  // What happened stays so, whatever a second process that took it for unknown makes of it.
  sql.query(
      "UPDATE ops.effects SET status = $2, response = $3::jsonb, resolved_at = clock_timestamp() WHERE "
      "idempotency_key = $1 AND status <> 'done'",
      sql_values(idempotency_key, status, response_json));
}

}  // namespace am::kernel
