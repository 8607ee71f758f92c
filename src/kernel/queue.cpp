// The statements of queues. Conditions use statement_timestamp(), or now() where the transaction's begin is meant: both
// are stable, so that they are conditions of an index; clock_timestamp() is not, and makes a claim read every item that
// is scheduled for later. What is written uses clock_timestamp().

#include "am/kernel/queue.hpp"

#include <algorithm>
#include <tuple>

#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "queue_sql.hpp"

namespace am::kernel {

namespace {

/// Of what is said about an item.
constexpr std::size_t kMessageBytes = 2000;
/// In one INSERT.
constexpr std::size_t kEnqueuedAtOnce = 1000;

/// The priorities come in order from the nested loop, which stops when it has enough. A Sort above the locks would lock
/// more rows than are taken, and of two claims the second would find nothing while items are ready.
constexpr std::string_view kMostUrgent = R"(
  SELECT i.id, i.priority, i.ready_at FROM generate_series(0, 3) AS p, LATERAL (
    SELECT id, priority, ready_at FROM {table}
    WHERE priority = p AND status IN ('queued', 'running') AND ready_at <= statement_timestamp()
    ORDER BY ready_at, id LIMIT $1::bigint FOR UPDATE SKIP LOCKED) i LIMIT $1::bigint
)";

/// What is picked is taken. MATERIALIZED, so that no plan picks once a row of the table. Whatever a broker holds for the row
/// is used up by this: should its lease end, it is sent again. RETURNING has no order: the rows bring theirs.
constexpr std::string_view kTake = R"(
WITH picked AS MATERIALIZED ({picked}), taken AS (
  UPDATE {table} t SET status = 'running', epoch = t.epoch + 1, attempts = t.attempts + 1, holder = $2::jsonb,
    sent_at = NULL, ready_at = clock_timestamp() + $3::bigint * interval '1 millisecond', updated_at = clock_timestamp()
  FROM picked WHERE t.id = picked.id AND t.attempts < t.max_attempts
  RETURNING t.id, t.key, t.payload, t.epoch, t.attempts, picked.priority, picked.ready_at
), used_up AS (
  UPDATE {table} t SET status = 'dead', epoch = t.epoch + 1, holder = NULL, updated_at = clock_timestamp(),
    error_message = concat_ws('; before that: ', 'attempt ' || t.attempts || ' of ' || t.max_attempts ||
      ' ended without a word: its worker died or was stopped', t.error_message)
  FROM picked WHERE t.id = picked.id AND t.attempts >= t.max_attempts
  RETURNING t.id, t.key, t.attempts, t.error_message
), told AS (
  INSERT INTO ops.events (kind, data) SELECT 'item_dead', jsonb_build_object('queue', $4::text, 'item', id, 'key', key,
    'attempts', attempts, 'reason', error_message) FROM used_up
)
SELECT id, key, payload::text AS payload, epoch, attempts, priority,
  (extract(epoch FROM ready_at) * 1000000)::bigint AS ready_at FROM taken
UNION ALL SELECT id, NULL, NULL, 0, attempts, 0, 0 FROM used_up)";

constexpr std::string_view kEnqueue = R"(
INSERT INTO {table} (key, payload, priority, ready_at, max_attempts, created_at, updated_at)
SELECT n.key, n.payload::jsonb, n.priority, coalesce(n.not_before, clock_timestamp()), $5::int, clock_timestamp(),
  clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::timestamptz[])
  WITH ORDINALITY AS n(key, payload, priority, not_before, place)
ORDER BY n.place ON CONFLICT (key) DO NOTHING)";

/// Skips what is locked: by a claim, which has it then, or by the transaction that is about to finish it.
constexpr std::string_view kRenew = R"(
WITH asked AS (SELECT id, epoch, place FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS a(id, epoch, place)),
mine AS MATERIALIZED (
  SELECT t.id FROM asked a JOIN {table} t ON t.id = a.id AND t.epoch = a.epoch
  WHERE t.status = 'running' AND t.ready_at > statement_timestamp() FOR UPDATE OF t SKIP LOCKED
), renewed AS (
  UPDATE {table} t SET ready_at = clock_timestamp() + $3::bigint * interval '1 millisecond', updated_at = clock_timestamp()
  FROM mine WHERE t.id = mine.id RETURNING t.id
)
SELECT CASE WHEN r.id IS NOT NULL THEN 'renewed' WHEN t.id IS NOT NULL THEN 'unknown' ELSE 'lost' END AS fate
FROM asked a LEFT JOIN renewed r ON r.id = a.id
LEFT JOIN {table} t ON t.id = a.id AND t.epoch = a.epoch AND t.status = 'running' AND t.ready_at > statement_timestamp()
ORDER BY a.place)";

constexpr std::string_view kFence = R"(
SELECT id FROM {table} WHERE id = $1::bigint AND epoch = $2::bigint AND status = 'running' AND ready_at > now()
FOR UPDATE)";

constexpr std::string_view kFinish = R"(
UPDATE {table} t SET status = 'done', holder = NULL, error_message = NULL, updated_at = clock_timestamp()
FROM unnest($1::bigint[], $2::bigint[]) AS f(id, epoch)
WHERE t.id = f.id AND t.epoch = f.epoch AND t.status = 'running' AND t.ready_at > now() RETURNING t.id)";

constexpr std::string_view kFail = R"(
WITH ended AS (
  UPDATE {table} SET status = CASE WHEN attempts < max_attempts THEN 'queued' ELSE 'dead' END, holder = NULL,
    sent_at = NULL, error_message = $3, updated_at = clock_timestamp(),
    ready_at = coalesce($4::timestamptz, clock_timestamp() + $5::bigint * interval '1 millisecond')
  WHERE id = $1::bigint AND epoch = $2::bigint AND status = 'running' AND ready_at > now()
  RETURNING id, key, status, attempts
), told AS (
  INSERT INTO ops.events (kind, data) SELECT 'item_dead', jsonb_build_object('queue', $6::text, 'item', id, 'key', key,
    'attempts', attempts, 'reason', $3::text) FROM ended WHERE status = 'dead'
)
SELECT status FROM ended)";

constexpr std::string_view kBury = R"(
WITH ended AS (
  UPDATE {table} SET status = 'failed', holder = NULL, error_message = $3, updated_at = clock_timestamp()
  WHERE id = $1::bigint AND epoch = $2::bigint AND status = 'running' AND ready_at > now() RETURNING id, key, attempts
), told AS (
  INSERT INTO ops.events (kind, data) SELECT 'item_failed', jsonb_build_object('queue', $4::text, 'item', id, 'key', key,
    'attempts', attempts, 'reason', $3::text) FROM ended
)
SELECT id FROM ended)";

constexpr std::string_view kRelease = R"(
UPDATE {table} t SET status = 'queued', attempts = greatest(t.attempts - 1, 0), holder = NULL, sent_at = NULL,
  ready_at = coalesce($3::timestamptz, clock_timestamp()), updated_at = clock_timestamp()
FROM unnest($1::bigint[], $2::bigint[]) AS f(id, epoch)
WHERE t.id = f.id AND t.epoch = f.epoch AND t.status = 'running' AND t.ready_at > now())";

SqlValue ids_of(std::span<const Item> items) {
  std::vector<SqlValue> ids;
  for (const Item& item : items) ids.push_back(sql_value(item.id));
  return sql_array(ids);
}

SqlValue epochs_of(std::span<const Item> items) {
  std::vector<SqlValue> epochs;
  for (const Item& item : items) epochs.push_back(sql_value(item.epoch));
  return sql_array(epochs);
}

std::string message_of(std::string_view text) { return ellipsize(printable(text), kMessageBytes); }

Error lost(const QueueSpec& spec, const std::string& what) {
  return Error(ErrorKind::busy, "queue " + std::string(spec.name) + ", " + what + ": its lease was lost",
               "nothing of this attempt was written")
      .final();
}

std::vector<Renewal> renew_items(Sql& sql, const std::string& statement, std::span<const Item> items,
                                 std::chrono::milliseconds lease) {
  const Rows rows = sql.query(statement, sql_values(ids_of(items), epochs_of(items), lease.count()));
  std::vector<Renewal> fates;
  for (const Row row : rows) {
    const std::string& fate = row.text("fate");
    fates.push_back(fate == "renewed"   ? Renewal::renewed
                    : fate == "unknown" ? Renewal::unknown
                                        : Renewal::lost);
  }
  return fates;
}

}  // namespace

std::string with_table(std::string_view sql, std::string_view table) {
  constexpr std::string_view kPlace = "{table}";
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t next = sql.find(kPlace, at);
    text.append(sql.substr(at, next - at));
    if (next == std::string_view::npos) return text;
    text.append(table);
    at = next + kPlace.size();
  }
}

std::string taking(std::string_view picked) {
  std::string text(kTake);
  constexpr std::string_view kPlace = "{picked}";
  return text.replace(text.find(kPlace), kPlace.size(), picked);
}

Taken taken_of(const Rows& rows) {
  struct Placed {
    long long priority, ready_at;
    Item item;
  };
  Taken taken;
  std::vector<Placed> placed;
  for (const Row row : rows) {
    if (row.is_null("key")) {
      ++taken.used_up;
      continue;
    }
    placed.push_back({row.integer("priority"),
                      row.integer("ready_at"),
                      {row.integer("id"), row.integer("epoch"), row.text("key"), row.text("payload"),
                       static_cast<int>(row.integer("attempts"))}});
  }
  std::ranges::sort(placed, {},
                    [](const Placed& p) { return std::tuple(p.priority, p.ready_at, p.item.id); });
  for (Placed& p : placed) taken.items.push_back(std::move(p.item));
  return taken;
}

Queue::Queue(Db& db, const QueueSpec& spec) : db_(db), spec_(spec) {}

std::string Queue::over_table(std::string_view sql) const { return with_table(sql, spec_.table); }

std::size_t Queue::enqueue(Sql& sql, std::span<const NewItem> items) {
  const std::string statement = over_table(kEnqueue);
  std::size_t fresh = 0;
  for (; !items.empty(); items = items.subspan(std::min(kEnqueuedAtOnce, items.size()))) {
    std::vector<SqlValue> keys, payloads, priorities, not_before;
    for (const NewItem& item : items.first(std::min(kEnqueuedAtOnce, items.size()))) {
      keys.push_back(sql_value(item.key));
      payloads.push_back(sql_value(item.payload_json));
      priorities.push_back(sql_value(item.priority));
      not_before.push_back(sql_value(item.not_before));
    }
    fresh += sql.query(statement, sql_values(sql_array(keys), sql_array(payloads), sql_array(priorities),
                                             sql_array(not_before), spec_.max_attempts))
                 .affected;
  }
  return fresh;
}

std::vector<Renewal> Queue::renew(Sql& sql, std::span<const Item> items) const {
  return renew_items(sql, over_table(kRenew), items, spec_.lease);
}

Heartbeat::Renew Queue::renewer(std::span<const Item> items) const {
  std::vector<Item> tokens;  // without their payloads
  for (const Item& item : items) tokens.push_back({item.id, item.epoch, {}, {}, item.attempt});
  return [statement = over_table(kRenew), tokens, lease = spec_.lease](Sql& sql,
                                                                       std::span<const std::size_t> kept) {
    std::vector<Item> those;
    for (const std::size_t i : kept) those.push_back(tokens[i]);
    return renew_items(sql, statement, those, lease);
  };
}

void Queue::fence(Sql& sql, const Item& item) {
  if (sql.query(over_table(kFence), sql_values(item.id, item.epoch)).empty())
    throw lost(spec_, "item " + item.key);
}

void Queue::finish(Sql& sql, std::span<const Item> items) {
  if (items.empty()) return;
  const Rows rows = sql.query(over_table(kFinish), sql_values(ids_of(items), epochs_of(items)));
  if (rows.size() == items.size()) return;
  throw lost(spec_, items.size() == 1 ? "item " + items[0].key
                                      : std::to_string(items.size() - rows.size()) + " of " +
                                            std::to_string(items.size()) + " items");
}

Fate Queue::fail(Sql& sql, const Item& item, const Error& error) {
  const std::chrono::milliseconds wait =
      retry_delay(spec_.backoff, std::max(item.attempt - 1, 0), random_unit());
  const Rows rows = sql.query(over_table(kFail), sql_values(item.id, item.epoch, message_of(error.message()),
                                                            error.not_before(), wait.count(), spec_.name));
  if (rows.empty()) throw lost(spec_, "item " + item.key);
  return rows[0].text("status") == "dead" ? Fate::dead : Fate::again;
}

void Queue::bury(Sql& sql, const Item& item, std::string_view reason) {
  if (sql.query(over_table(kBury), sql_values(item.id, item.epoch, message_of(reason), spec_.name)).empty())
    throw lost(spec_, "item " + item.key);
}

void Queue::release(Sql& sql, std::span<const Item> items, std::optional<Instant> not_before) {
  if (items.empty()) return;
  sql.query(over_table(kRelease), sql_values(ids_of(items), epochs_of(items), not_before));
}

PgQueue::PgQueue(Db& db, const QueueSpec& spec)
    : Queue(db, spec), claim_sql_(over_table(taking(kMostUrgent))), holder_(Holder::self().to_json()) {}

std::vector<Item> PgQueue::claim(std::size_t most) {
  if (most == 0) return {};
  for (;;) {
    Taken taken =
        taken_of(db().query(claim_sql_, sql_values(most, holder_, spec().lease.count(), spec().name)));
    if (!taken.items.empty() || taken.used_up == 0) return std::move(taken.items);
  }
}

}  // namespace am::kernel
