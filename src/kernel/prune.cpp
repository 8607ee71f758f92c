#include "am/kernel/prune.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/kernel/ledger.hpp"

namespace am::kernel {

namespace {

/// "am prune": two at once would delete the same rows in different orders.
constexpr long long kPruneLock = 0x616D5F7072756E65;
constexpr std::chrono::milliseconds kPruneNap{50};

// What goes, as conditions. `c.t` is the cutoff, $2 the jobs whose runs are evidence. A run that is done gets no new effect, so none can come in between.
// A job's last success stays: the age of it is what people are woken by.
constexpr std::string_view kCutoff =
    "WITH c AS MATERIALIZED (SELECT clock_timestamp() - $1::int * interval '1 day' AS t, clock_timestamp() AS now), ";
constexpr std::string_view kOldRuns =
    "SELECT r.id FROM c, ops.runs r JOIN (SELECT job, max(finished_at) AS finished_at FROM ops.runs WHERE "
    "status = 'done' GROUP BY job) latest ON latest.job = r.job AND r.finished_at < latest.finished_at "
    "WHERE r.status = 'done' AND r.finished_at < c.t AND r.job <> ALL ($2::text[]) AND NOT EXISTS (SELECT 1 FROM "
    "ops.effects e WHERE e.run_id = r.id AND e.status IN ('intent', 'unknown'))";
constexpr std::string_view kLooseEffects =
    "e.run_id IS NULL AND e.status IN ('done', 'failed') AND coalesce(e.resolved_at, e.created_at) < c.t";
constexpr std::string_view kOldEvents = "v.at < c.t";
constexpr std::string_view kOldSlots =
    "SELECT s.id FROM ops.rate_slots s, c WHERE s.used_at < c.now - interval '2 days' OR (s.used_at IS NULL AND "
    "s.reserved_until <= c.now)";

std::string text_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

SqlValues values_of(const Retention& retention) {
  return sql_values(retention.days, sql_array({retention.evidence.begin(), retention.evidence.end()}));
}

PruneCounts counts_of(const Rows& rows) {
  const Row row = rows.only();
  return {.runs = row.integer("runs"),
          .steps = row.integer("steps"),
          .effects = row.integer("effects"),
          .events = row.integer("events"),
          .rate_slots = row.integer("rate_slots"),
          .of_desks = {},
          .before = row.micros("before")};
}

/// Never waits for a row that a job holds, so it can't be part of a deadlock with one.
PruneCounts delete_old(Transaction& tx, const Retention& retention) {
  const std::string sql = text_of(
      {kCutoff, "old AS MATERIALIZED (", kOldRuns, " FOR UPDATE OF r SKIP LOCKED), ",
       "steps AS (DELETE FROM ops.steps s USING old WHERE s.run_id = old.id RETURNING 1), ",
       "effects AS (DELETE FROM ops.effects e USING c WHERE e.run_id IN (SELECT id FROM old) OR (",
       kLooseEffects, ") RETURNING 1), ",
       "runs AS (DELETE FROM ops.runs r USING old WHERE r.id = old.id RETURNING 1), ",
       "events AS (DELETE FROM ops.events v USING c WHERE ", kOldEvents, " RETURNING 1), ",
       "slots AS (DELETE FROM ops.rate_slots WHERE id IN (", kOldSlots,
       " FOR UPDATE OF s SKIP LOCKED) RETURNING 1) ",
       "SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM steps) AS steps, ",
       "(SELECT count(*) FROM effects) AS effects, (SELECT count(*) FROM events) AS events, ",
       "(SELECT count(*) FROM slots) AS rate_slots, (extract(epoch FROM c.t) * 1000000)::bigint AS before ",
       "FROM c"});
  PruneCounts counts = counts_of(tx.query(sql, values_of(retention)));
  for (const PruneRule& rule : retention.rules) {
    counts.of_desks.emplace_back(
        rule.name, tx.query(text_of({"WITH gone AS (DELETE FROM ", rule.table, " WHERE ", rule.old,
                                     " RETURNING 1) SELECT count(*) AS n FROM gone"}),
                            sql_values(counts.before))
                       .only()
                       .integer("n"));
  }
  if (counts.all() > 0) {
    // verify reads `before`: a run of earlier than that is gone, not missing.
    nlohmann::ordered_json data{{"older_than_days", retention.days},
                                {"before", format_rfc3339(counts.before)},
                                {"runs", counts.runs},
                                {"steps", counts.steps},
                                {"effects", counts.effects},
                                {"events", counts.events},
                                {"rate_slots", counts.rate_slots}};
    for (const auto& [name, count] : counts.of_desks) data[name] = count;
    Ledger::event(tx, "pruned", {}, {}, data.dump());
  }
  return counts;
}

}  // namespace

long long PruneCounts::all() const {
  long long sum = runs + steps + effects + events + rate_slots;
  for (const auto& [name, count] : of_desks) sum += count;
  return sum;
}

PruneCounts prunable(Db& db, const Retention& retention) {
  const std::string sql = text_of(
      {kCutoff, "old AS MATERIALIZED (", kOldRuns, ") ", "SELECT (SELECT count(*) FROM old) AS runs, ",
       "(SELECT count(*) FROM ops.steps s WHERE s.run_id IN (SELECT id FROM old)) AS steps, ",
       "(SELECT count(*) FROM ops.effects e WHERE e.run_id IN (SELECT id FROM old) OR (", kLooseEffects,
       ")) AS effects, (SELECT count(*) FROM ops.events v WHERE ", kOldEvents,
       ") AS events, (SELECT count(*) FROM (", kOldSlots,
       ") slots) AS rate_slots, (extract(epoch FROM c.t) * 1000000)::bigint AS before FROM c"});
  PruneCounts counts = counts_of(db.query(sql, values_of(retention)));
  for (const PruneRule& rule : retention.rules) {
    const Rows rows = db.query(text_of({"SELECT count(*) AS n FROM ", rule.table, " WHERE ", rule.old}),
                               sql_values(counts.before));
    counts.of_desks.emplace_back(rule.name, rows.only().integer("n"));
  }
  return counts;
}

PruneCounts prune(Db& db, const Stop& stop, const Retention& retention, std::chrono::milliseconds max_wait) {
  const auto end = std::chrono::steady_clock::now() + max_wait;
  PruneCounts counts;
  for (;;) {
    stop.check();
    bool locked = false;
    db.transact([&](Transaction& tx) {
      locked = tx.query("SELECT pg_try_advisory_xact_lock($1::bigint) AS locked", sql_values(kPruneLock))
                   .only()
                   .boolean("locked");
      if (locked) counts = delete_old(tx, retention);
    });
    if (locked) return counts;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      throw Error(ErrorKind::busy, "prune: another prune is at it", "wait for it, then run again");
    stop.sleep(std::min(kPruneNap, left));
  }
}

}  // namespace am::kernel
