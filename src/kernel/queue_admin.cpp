// Queues for people, status and metrics.

#include "am/kernel/queue_admin.hpp"

#include "am/base/text.hpp"
#include "queue_sql.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kReasonBytes = 500;

/// Each count by the index that holds just its rows, priority by priority, $1 at most: those that are done, however many,
/// are not looked at, nor all that wait. A running item's lease ends within $2 milliseconds.
constexpr std::string_view kState = R"(
SELECT ready.n AS ready, later.n AS later, running.n AS running, dead.n AS dead, failed.n AS failed,
  (extract(epoch FROM oldest.at) * 1000000)::bigint AS oldest
FROM (SELECT count(*) AS n FROM (SELECT FROM generate_series(0, 3) AS p, LATERAL (
        SELECT FROM {table} WHERE priority = p AND status IN ('queued', 'running') AND ready_at <= statement_timestamp()
        LIMIT $1::bigint) i LIMIT $1::bigint) c) ready,
     (SELECT count(*) AS n FROM (SELECT FROM generate_series(0, 3) AS p, LATERAL (
        SELECT FROM {table} WHERE priority = p AND status IN ('queued', 'running') AND status = 'queued'
          AND ready_at > statement_timestamp() LIMIT $1::bigint) i LIMIT $1::bigint) c) later,
     (SELECT count(*) AS n FROM (SELECT FROM generate_series(0, 3) AS p, LATERAL (
        SELECT FROM {table} WHERE priority = p AND status IN ('queued', 'running') AND status = 'running'
          AND ready_at > statement_timestamp() AND ready_at <= statement_timestamp() + $2::bigint * interval '1 millisecond'
        LIMIT $1::bigint) i LIMIT $1::bigint) c) running,
     (SELECT count(*) AS n FROM (SELECT FROM {table} WHERE status IN ('failed', 'dead') AND status = 'dead'
        LIMIT $1::bigint) c) dead,
     (SELECT count(*) AS n FROM (SELECT FROM {table} WHERE status IN ('failed', 'dead') AND status = 'failed'
        LIMIT $1::bigint) c) failed,
     (SELECT min(i.ready_at) AS at FROM generate_series(0, 3) AS p, LATERAL (
        SELECT ready_at FROM {table} WHERE priority = p AND status IN ('queued', 'running')
          AND ready_at <= statement_timestamp() ORDER BY ready_at LIMIT 1) i) oldest)";

constexpr std::string_view kList = R"(
SELECT id, epoch, key, status, priority, attempts, max_attempts, coalesce(holder::text, '') AS holder,
  coalesce(error_message, '') AS error_message, payload::text AS payload,
  (extract(epoch FROM ready_at) * 1000000)::bigint AS ready_at,
  (extract(epoch FROM created_at) * 1000000)::bigint AS created_at,
  (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_at
FROM {table})";

/// The rows that are named, as they were, and those that were changed. {set}, {from} and {event} by what is done.
constexpr std::string_view kChange = R"(
WITH named AS MATERIALIZED (SELECT id, key, status FROM {table}
  WHERE key = ANY($1::text[]) OR id = ANY($2::bigint[]) ORDER BY id FOR UPDATE),
changed AS (
  UPDATE {table} t SET {set}, epoch = t.epoch + 1, holder = NULL, sent_at = NULL, updated_at = clock_timestamp()
  FROM named n WHERE t.id = n.id AND n.status IN ({from}) RETURNING t.id, t.key, n.status AS was
), told AS (
  INSERT INTO ops.events (kind, data) SELECT {event}, jsonb_strip_nulls(jsonb_build_object('queue', $3::text, 'item', id,
    'key', key, 'was', was, 'reason', nullif($4::text, ''))) FROM changed
)
SELECT n.id, n.key, n.status AS was, c.id IS NOT NULL AS changed FROM named n LEFT JOIN changed c ON c.id = n.id
ORDER BY n.id)";

std::string replaced(std::string text, std::string_view place, std::string_view by) {
  text.replace(text.find(place), place.size(), by);
  return text;
}

SqlValues values_of(const ItemNames& names) {
  std::vector<SqlValue> keys, ids;
  for (const std::string& key : names.keys) keys.push_back(sql_value(key));
  for (const long long id : names.ids) ids.push_back(sql_value(id));
  return sql_values(sql_array(keys), sql_array(ids));
}

std::vector<ItemChange> change(Sql& sql, const QueueSpec& queue, const ItemNames& names, std::string_view set,
                               std::string_view from, std::string_view event, std::string_view reason) {
  const std::string statement =
      replaced(replaced(replaced(std::string(kChange), "{set}", set), "{from}", from), "{event}", event);
  SqlValues values = values_of(names);
  values.push_back(sql_value(queue.name));
  values.push_back(sql_value(ellipsize(printable(reason), kReasonBytes)));
  const Rows rows = sql.query(with_table(statement, queue.table), values);
  std::vector<ItemChange> changes;
  for (const Row row : rows) {
    changes.push_back({row.integer("id"), row.text("key"), row.text("was"), row.boolean("changed")});
  }
  return changes;
}

}  // namespace

std::string item_count_text(long long n) {
  return std::to_string(n) + (n >= QueueState::kMostCounted ? "+" : "");
}

Statement ask_queue_state(const QueueSpec& queue) {
  return {with_table(kState, queue.table), sql_values(QueueState::kMostCounted, queue.lease.count())};
}

QueueState make_queue_state(const QueueSpec& queue, const Rows& result) {
  const Row row = result.only();
  QueueState state;
  state.queue = queue.name;
  state.ready = row.integer("ready");
  state.later = row.integer("later");
  state.running = row.integer("running");
  state.dead = row.integer("dead");
  state.failed = row.integer("failed");
  state.oldest_ready = row.maybe_micros("oldest");
  return state;
}

QueueState queue_state(Sql& sql, const QueueSpec& queue) {
  const Statement asked = ask_queue_state(queue);
  return make_queue_state(queue, sql.query(asked.sql, asked.values));
}

std::vector<ItemInfo> list_items(Sql& sql, const QueueSpec& queue, const std::optional<std::string>& status,
                                 const ItemNames& names, int limit) {
  // Only what filters is in the statement, so that it can use an index.
  std::string where = " WHERE status IN ('queued', 'running', 'failed', 'dead')";
  SqlValues values = sql_values(limit);
  if (status) {
    where = " WHERE status = $2";
    values.push_back(sql_value(*status));
  }
  if (!names.keys.empty() || !names.ids.empty()) {
    const std::string first = std::to_string(values.size() + 1), second = std::to_string(values.size() + 2);
    where = (status ? where + " AND" : " WHERE") + " (key = ANY($" + first + "::text[]) OR id = ANY($" +
            second + "::bigint[]))";
    for (SqlValue& value : values_of(names)) values.push_back(std::move(value));
  }
  const Rows rows = sql.query(
      with_table(kList, queue.table) + where + " ORDER BY priority, ready_at, id LIMIT $1::int", values);
  std::vector<ItemInfo> items;
  for (const Row row : rows) {
    ItemInfo item;
    item.id = row.integer("id");
    item.epoch = row.integer("epoch");
    item.key = row.text("key");
    item.status = row.text("status");
    item.priority = static_cast<int>(row.integer("priority"));
    item.attempts = static_cast<int>(row.integer("attempts"));
    item.max_attempts = static_cast<int>(row.integer("max_attempts"));
    item.ready_at = row.micros("ready_at");
    item.created_at = row.micros("created_at");
    item.updated_at = row.micros("updated_at");
    item.holder = row.text("holder");
    item.error_message = row.text("error_message");
    item.payload_json = row.text("payload");
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<ItemChange> retry_items(Sql& sql, const QueueSpec& queue, const ItemNames& names) {
  return change(sql, queue, names, "status = 'queued', attempts = 0, ready_at = clock_timestamp()",
                "'dead', 'failed', 'cancelled'", "'item_retried'", {});
}

std::vector<ItemChange> cancel_items(Sql& sql, const QueueSpec& queue, const ItemNames& names,
                                     std::string_view reason) {
  return change(
      sql, queue, names,
      "status = 'cancelled', error_message = coalesce('cancelled: ' || nullif($4::text, ''), t.error_message)",
      "'queued', 'running', 'dead', 'failed'", "'item_cancelled'", reason);
}

}  // namespace am::kernel
