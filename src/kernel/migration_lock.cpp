#include "migration_lock.hpp"

#include <algorithm>
#include <cstdint>

#include "am/kernel/migrations.hpp"

namespace am::kernel {

namespace {

constexpr std::chrono::milliseconds kPoll{50};

std::vector<long long> lock_ids_of(Sql& sql) {
  return migration_lock_ids(sql.query("SELECT current_database() AS name").only().text("name"));
}

SqlValue id_array(const std::vector<long long>& ids) {
  std::vector<SqlValue> elements;
  for (const long long id : ids) elements.push_back(sql_value(id));
  return sql_array(elements);
}

/// One after the other, and none further once one is held by somebody: two that each have one of them would both give up.
bool try_locks(Transaction& transaction, const std::vector<long long>& ids,
               std::chrono::milliseconds patience) {
  const std::string timeout = std::to_string(std::max<long long>(patience.count(), 1)) + "ms";
  const Rows rows = transaction.query(
      "SELECT CASE WHEN NOT pg_try_advisory_xact_lock($1::bigint) THEN false "
      "WHEN NOT pg_try_advisory_xact_lock($2::bigint) THEN false "
      "ELSE pg_try_advisory_xact_lock($3::bigint) END AS locked, set_config('lock_timeout', $4, true)",
      sql_values(ids.at(0), ids.at(1), ids.at(2), timeout));
  return rows.only().boolean("locked");
}

std::optional<MigrationHolder> holder_of(Sql& sql, const std::vector<long long>& ids) {
  const Rows rows = sql.query(
      "SELECT l.pid, nullif(a.application_name, '') AS application, a.usename, host(a.client_addr) AS client "
      "FROM unnest($1::bigint[]) WITH ORDINALITY AS k (id, place) JOIN pg_catalog.pg_locks l "
      "ON l.classid = (k.id >> 32)::oid AND l.objid = (k.id & 4294967295)::oid "
      "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
      "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_backend_pid() "
      "AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) "
      "ORDER BY k.place LIMIT 1",
      {id_array(ids)});
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  MigrationHolder holder{.server_pid = row.integer("pid"), .who = "server process " + row.text("pid")};
  if (const auto application = row.maybe_text("application")) holder.who += ", " + *application;
  if (const auto user = row.maybe_text("usename")) holder.who += ", user " + *user;
  if (const auto client = row.maybe_text("client")) holder.who += ", from " + *client;
  return holder;
}

Error busy(Sql& sql, const std::vector<long long>& ids) {
  const std::optional<MigrationHolder> holder = holder_of(sql, ids);
  if (!holder) return {ErrorKind::busy, "migrations: another process was migrating just now", "run again"};
  return {ErrorKind::busy, "migrations: another process is migrating (" + holder->who + ")",
          "wait for it, or end it: select pg_terminate_backend(" + std::to_string(holder->server_pid) + ")"};
}

}  // namespace

std::uint32_t golang_migrate_lock_id(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names)
    text.append(text.empty() ? "" : std::string(1, '\0')).append(name);
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc * 1486364155U;
}

std::vector<long long> migration_lock_ids(std::string_view database) {
  std::vector<long long> ids;
  for (const std::string& name : {"/" + std::string(database), std::string(database), std::string("/")})
    ids.push_back(golang_migrate_lock_id({"public", "schema_migrations", name}));
  return ids;
}

std::unique_ptr<Transaction> lock_migrations(Db& db, const Stop& stop, std::chrono::milliseconds max_wait) {
  const std::vector<long long> ids = lock_ids_of(db);
  const auto end = std::chrono::steady_clock::now() + max_wait;
  for (;;) {
    stop.check();
    auto transaction = db.begin();
    if (try_locks(*transaction, ids, max_wait)) {
      // The statement's snapshot may be older than the lock, and a catalog that a session looked into before answers from
      // memory until it locks a relation anew: both would miss what the process before this one has just committed.
      transaction->query("SELECT 1 FROM pg_catalog.pg_namespace LIMIT 1");
      return transaction;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw busy(*transaction, ids);
    transaction.reset();  // a pooler's only server connection is not kept waiting
    stop.sleep(std::min(kPoll, left));
  }
}

std::optional<MigrationHolder> migration_holder(Sql& sql) { return holder_of(sql, lock_ids_of(sql)); }

}  // namespace am::kernel
