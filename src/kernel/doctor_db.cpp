// The checks of the database: one connection by libpq for what only the protocol tells (TLS, a pooler), then one by
// the driver, for everything else.

#include <algorithm>
#include <functional>
#include <optional>

#include "am/base/text.hpp"
#include "am/kernel/clock_guard.hpp"
#include "am/kernel/doctor.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/snapshot.hpp"
#include "db_errors.hpp"
#include "libpq.hpp"
#include "migration_settlement.hpp"

namespace am::kernel {

namespace {

constexpr const char* kReachable = "database";
constexpr const char* kVersion = "database version";
constexpr const char* kTls = "database TLS";
constexpr const char* kPooler = "database pooler";
constexpr const char* kWritable = "database writable";
constexpr const char* kSchema = "database schema";
constexpr const char* kPrivileges = "database privileges";
constexpr const char* kSkew = "database clock";
constexpr const char* kRoom = "database connections";
constexpr const char* kCollation = "database collation";

constexpr int kOldestVersion = 130000;  // what the migrations need
constexpr int kTestedVersion = 150000;
constexpr std::chrono::milliseconds kPatience{3000};  // for one answer: a pooler may let wait for minutes
constexpr long long kFewLeft = 3;

/// One value by the simple protocol. Empty: no answer in time, or an error.
std::optional<std::string> value_of(PGconn* connection, const char* sql, const Stop* stop) {
  const Wait wait(stop, kPatience);
  if (PQsendQuery(connection, sql) != 1) return std::nullopt;
  std::optional<std::string> value;
  for (;;) {
    while (PQisBusy(connection) != 0) {
      if (!wait.for_events(PQsocket(connection), POLLIN) || PQconsumeInput(connection) == 0) {
        if (stop != nullptr) stop->check();
        return std::nullopt;
      }
    }
    const PgResult result(PQgetResult(connection));
    if (!result) return value;
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK && PQntuples(result.get()) == 1)
      value = PQgetvalue(result.get(), 0, 0);
  }
}

Check version_of(PGconn* connection) {
  const int number = PQserverVersion(connection);
  const char* text = PQparameterStatus(connection, "server_version");
  const std::string version = "PostgreSQL " + std::string(text == nullptr ? "?" : text);
  if (number < kOldestVersion)
    return failed(kVersion, version + " (expected 13 or newer)", "update the server");
  if (number < kTestedVersion)
    return warned(kVersion, version + ": older than what am is tested with",
                  "update the server to 15 or newer");
  return passed(kVersion, version);
}

bool is_local(const std::string& host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host.starts_with("127.") || host == "::1";
}

Check tls_of(PGconn* connection) {
  if (PQsslInUse(connection) != 0) {
    const char* version = PQsslAttribute(connection, "protocol");
    return passed(kTls, version == nullptr ? "in use" : version);
  }
  const char* host = PQhost(connection);
  if (is_local(host == nullptr ? "" : host)) return passed(kTls, "not needed: the server is on this machine");
  return warned(kTls, "not in use: password and data travel readable",
                "add sslmode=verify-full (or sslmode=require) to DATABASE_URL");
}

/// A pooler invents the process id that it greets a client with. In session mode it keeps a server process for each
/// client; else a second client gets the one that the first has just let go.
Check pooler_of(PGconn* connection, const DbOptions& options) {
  const std::optional<std::string> mine = value_of(connection, "SELECT pg_backend_pid()", options.stop);
  if (!mine)
    return failed(kPooler, "no answer to a first query", "look at the pooler's log and its pool_size");
  if (*mine == std::to_string(PQbackendPID(connection)))
    return passed(kPooler, "none: the connection is direct");
  value_of(connection, "BEGIN READ ONLY", options.stop);
  if (PQtransactionStatus(connection) != PQTRANS_INTRANS) {
    return failed(kPooler, "pooled, statement mode: transactions are impossible",
                  "set pool_mode = transaction in the pooler");
  }
  value_of(connection, "ROLLBACK", options.stop);
  try {
    const auto reader = open_snapshots({options, kPatience});
    const std::vector<Rows> rows = reader->read({{"SELECT pg_backend_pid()::text AS pid", {}}});
    const std::optional<std::string> again = value_of(connection, "SELECT pg_backend_pid()", options.stop);
    const bool shared = rows.front().only().text("pid") == *mine || (again && *again != *mine);
    return passed(kPooler, shared ? "pooled, transaction mode" : "pooled, session mode as it seems");
  } catch (const Error& error) {
    if (options.stop != nullptr) options.stop->check();
    return warned(kPooler, "pooled; a second connection got no session: " + error.message(),
                  "am needs one session at a time, serve-readonly several: raise the pooler's pool_size");
  }
}

Check writable(Sql& sql) {
  const Rows rows = sql.query(
      "SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') = 'on' AS read_only");
  if (rows.only().boolean("standby"))
    return warned(kWritable, "no: a standby server",
                  "enough for serve-readonly and report; else connect to the primary");
  if (rows.only().boolean("read_only")) {
    return warned(
        kWritable, "no: default_transaction_read_only is on for this role or database",
        "enough for serve-readonly and report; else: ALTER ROLE … RESET default_transaction_read_only");
  }
  return passed(kWritable, "yes");
}

Check schema_of(Sql& sql) {
  std::optional<SchemaState> state;
  try {
    state = read_schema_state(sql);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::denied) throw;
  }
  if (state) refuse_unsound(*state, embedded_migrations());
  require_utf8(require_schema(sql));
  const std::string version = "version " + std::to_string(embedded_migrations().size());
  if (!state) return passed(kSchema, version + "; the files' hashes may not be read by this role");
  const std::size_t unrecorded = settlement_of(*state, embedded_migrations()).adopt.size();
  if (unrecorded == 0) return passed(kSchema, version + ", the files as they were applied");
  return warned(
      kSchema,
      version + ", but " + std::to_string(unrecorded) + " of it without a record: another tool applied them",
      "run: am migrate, which compares the tables with the files, and records them when they are equal");
}

// By oid: asking by name needs a privilege on the schema itself.
Check privileges(Sql& sql, std::span<const std::string_view> tables) {
  SqlValues names;
  std::vector<std::string> schemas = {"public", "ops", "market"};
  for (const std::string_view table : tables) {
    names.emplace_back(table);
    std::string schema(table.substr(0, table.find('.')));
    if (std::ranges::find(schemas, schema) == schemas.end()) schemas.push_back(std::move(schema));
  }
  const Rows rows = sql.query(
      "SELECT n.nspname || '.' || c.relname AS name, current_user::text AS role, "
      "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS reads, "
      "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT') AND "
      "has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') AS writes "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ("
      "(n.nspname = 'ops' AND c.relname <> 'migrations') OR n.nspname = 'market' OR "
      "n.nspname || '.' || c.relname = ANY ($1::text[])) ORDER BY 1",
      sql_values(sql_array(names)));
  std::vector<std::string> unread;
  std::vector<std::string> unwritten;
  std::string role = "this role";
  for (const Row row : rows) {
    role = row.text("role");
    if (!row.boolean("reads")) unread.push_back(row.text("name"));
    if (!row.boolean("writes")) unwritten.push_back(row.text("name"));
  }
  const bool only_reads = unwritten.size() == rows.size();
  const std::string to = " TO " + quoted_identifier(role);
  const std::string grant = "as the owner: GRANT USAGE ON SCHEMA " + join(schemas, ", ") + to + "; GRANT " +
                            (only_reads ? "SELECT" : "SELECT, INSERT, UPDATE, DELETE") +
                            " ON ALL TABLES IN SCHEMA " + join(schemas, ", ") + to;
  if (!unread.empty()) return failed(kPrivileges, role + " may not read " + join(unread, ", "), grant);
  if (only_reads)
    return passed(kPrivileges,
                  role +
                      " may read all tables and write none: enough for serve-readonly and report, "
                      "not for the jobs");
  if (!unwritten.empty())
    return failed(kPrivileges, role + " may read, but not write " + join(unwritten, ", "), grant);
  return passed(kPrivileges, role + " may read and write all tables");
}

/// The clearest of three readings.
Check skew(Sql& sql, const Clock& clock) {
  ClockReading reading = read_clocks(sql, clock);
  for (int i = 0; i < 2; ++i) {
    const ClockReading again = read_clocks(sql, clock);
    if (again.apart > reading.apart) reading = again;
  }
  if (const auto problem = clock_problem(reading)) return failed_by(kSkew, *problem);
  if (reading.apart > std::chrono::seconds(2)) {
    return warned(
        kSkew, std::to_string(reading.apart / std::chrono::seconds(1)) + " s apart from this machine's",
        "keep both clocks by NTP: leases and budgets go by the database's, what is due by this one");
  }
  return passed(kSkew, "agrees with this machine's");
}

Check room(Sql& sql) {
  const Rows rows = sql.query(
      "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - "
      "(SELECT coalesce(sum(numbackends), 0) FROM pg_catalog.pg_stat_database) AS server, "
      "(SELECT rolconnlimit - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usename = current_user) FROM pg_catalog.pg_roles "
      "WHERE rolname = current_user AND rolconnlimit >= 0) AS role");
  const Row row = rows.only();
  long long left = row.integer("server");
  if (!row.is_null("role")) left = std::min(left, row.integer("role"));
  if (left < kFewLeft) {
    return warned(kRoom, std::to_string(std::max(left, 0LL)) + " left",
                  "raise max_connections or the role's CONNECTION LIMIT, or connect through a pooler");
  }
  return passed(kRoom, "enough left");
}

/// When the system's library sorts otherwise than when the indexes were built; the server warns at every connection.
Check collation(Sql& sql) {
  const Rows server = sql.query("SELECT current_setting('server_version_num')::int AS number");
  if (server.only().integer("number") < 150000)
    return passed(kCollation, "its version is not kept before PostgreSQL 15");
  const Rows rows = sql.query(
      "SELECT quote_ident(datname) AS name, datcollversion AS built, pg_database_collation_actual_version(oid) AS now "
      "FROM pg_catalog.pg_database WHERE datname = current_database()");
  const Row row = rows.only();
  if (row.is_null("built") || row.is_null("now")) return passed(kCollation, "has no version");
  if (row.text("built") == row.text("now")) return passed(kCollation, "version " + row.text("now"));
  return warned(kCollation,
                "built with version " + row.text("built") + ", and the server now sorts by " +
                    row.text("now") + ": indexes on text may be out of order",
                "as the owner: REINDEX DATABASE " + row.text("name") + "; then ALTER DATABASE " +
                    row.text("name") + " REFRESH COLLATION VERSION");
}

struct Named {
  const char* name;
  std::function<Check(Sql&)> check;
};

void skip_rest(std::vector<Check>& checks, const std::string& reason) {
  for (const char* name :
       {kReachable, kVersion, kTls, kPooler, kWritable, kCollation, kSchema, kPrivileges, kSkew, kRoom}) {
    if (std::ranges::find(checks, name, &Check::name) == checks.end())
      checks.push_back(skipped(name, reason));
  }
}

}  // namespace

std::vector<Check> skip_database(const std::string& reason) {
  std::vector<Check> checks;
  skip_rest(checks, reason);
  return checks;
}

std::vector<Check> check_database(const DbOptions& options, const Clock& clock,
                                  std::span<const std::string_view> tables) {
  std::vector<Check> checks;
  const char* at = kReachable;
  try {
    const DbTarget target = parse_target(options);
    {
      const PgConnection connection = connect(target, Wait(options.stop, longest_connect(target)));
      const std::vector<std::string> ignored = ignored_url_parameters(options.url);
      checks.push_back(
          passed(kReachable,
                 target.where + (ignored.empty() ? "" : "; ignored in its URL: " + join(ignored, ", "))));
      checks.push_back(version_of(connection.get()));
      checks.push_back(tls_of(connection.get()));
      checks.push_back(pooler_of(connection.get(), options));
      if (checks.back().state == Check::State::failed) {
        skip_rest(checks, "the pooler comes first");
        return checks;
      }
    }
    at = kWritable;
    const std::unique_ptr<Db> db = open_db(options);
    bool has_schema = true;
    const Named sql_checks[] = {{kWritable, writable},
                                {kCollation, collation},
                                {kSchema, schema_of},
                                {kPrivileges, [&](Sql& sql) { return privileges(sql, tables); }},
                                {kSkew, [&](Sql& sql) { return skew(sql, clock); }},
                                {kRoom, room}};
    for (const Named& each : sql_checks) {
      at = each.name;
      if (at == kPrivileges && !has_schema) {
        checks.push_back(skipped(at, "the schema comes first"));
        continue;
      }
      try {
        checks.push_back(each.check(*db));
      } catch (const Error& error) {
        if (error.retryable()) throw;  // gone, or asked to end
        checks.push_back(failed_by(at, error));
        // A role that may not read shows up as a schema that can't be read: then its privileges say more.
        if (at == kSchema && error.kind() != ErrorKind::denied) has_schema = false;
      }
    }
  } catch (const Error& error) {
    if (options.stop != nullptr) options.stop->check();
    checks.push_back(failed_by(at, error));
    skip_rest(checks, "the database comes first");
  }
  return checks;
}

}  // namespace am::kernel
