#include "support/pg.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include "support/pg_pool.hpp"

namespace am::test {

namespace {

using kernel::Db;
using kernel::sql_values;

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::unique_ptr<Db> open_url(const std::string& url, std::function<void(std::string_view)> probe) {
  kernel::DbOptions options;
  options.url = url;
  options.application_name = "am test";
  options.probe = std::move(probe);
  return kernel::open_db(options);
}

std::string unique_suffix() {
  static std::atomic<int> count{0};
  return std::to_string(getpid()) + "_" + std::to_string(count++);
}

std::string cluster_url() {
  if (std::string url = env("AM_TEST_PG_URL"); !url.empty()) return url;
  std::string url;
  if (const std::string directory = env("AM_TEST_PG_DIR"); !directory.empty()) {
    std::ifstream file(directory + "/url");
    std::getline(file, url);
  }
  if (!url.empty()) return url;
  throw std::runtime_error(
      "no PostgreSQL for the tests. Run them with `make test` (ctest starts a private cluster), or start "
      "one: "
      "scripts/pg-cluster start DIR && export AM_TEST_PG_DIR=DIR");
}

std::string with_database(const std::string& url, const std::string& database) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', authority), url.find('?', authority));
  const std::size_t query = url.find('?', authority);
  return url.substr(0, path) + "/" + database + (query == std::string::npos ? "" : url.substr(query));
}

TestDb::TestDb(Content content, const std::string& encoding) {
  if (content == Content::migrated && encoding == "UTF8") {
    auto [name, keeper] = borrow_database();
    name_ = std::move(name);
    keeper_ = std::move(keeper);
    return;
  }
  name_ = "am_test_" + unique_suffix();
  const std::string other =
      encoding == "UTF8" ? "" : " ENCODING '" + encoding + "' LC_COLLATE 'C' LC_CTYPE 'C'";
  open_url(cluster_url())
      ->query("CREATE DATABASE " + name_ + " TEMPLATE template0 STRATEGY FILE_COPY" + other);
}

TestDb::~TestDb() {
  if (keeper_ && roles_.empty()) return;  // it is given back as it is
  try {
    const auto cluster = open_url(cluster_url());
    cluster->query("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    for (const std::string& role : roles_) cluster->query("DROP ROLE IF EXISTS " + role);
  } catch (const std::exception&) {
    // The cluster is thrown away as a whole.
  }
}

std::string TestDb::url() const { return with_database(cluster_url(), name_); }

std::string TestDb::url_elsewhere() const {
  const std::string base = url();
  return base + (base.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3Dam_nowhere";
}

std::string TestDb::url_as(const std::string& role, const std::string& password) const {
  const std::string base = url();
  // Of a parameter given twice libpq takes the last.
  return base + (base.find('?') == std::string::npos ? "?" : "&") + "user=" + role +
         (password.empty() ? "" : "&password=" + password);
}

std::unique_ptr<Db> TestDb::open(std::function<void(std::string_view)> probe) const {
  return open_url(url(), std::move(probe));
}

void end_connections_to(kernel::Sql& cluster, const std::string& database) {
  // Not with the function's own timeout, which looks every 100 ms only.
  while (!cluster
              .query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                     kernel::sql_values(database))
              .empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void TestDb::end_connections() const { end_connections_to(*open_url(cluster_url()), name_); }

void break_once(kernel::Sql& sql, const std::string& event, const std::string& table, Break when) {
  sql.query("CREATE SEQUENCE public.breaks");  // what rolls back does not take a sequence along
  sql.query(
      "CREATE FUNCTION public.break_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('public.breaks') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60); END IF; "
      "RETURN NEW; END $$");
  sql.query((when == Break::at_commit ? "CREATE CONSTRAINT TRIGGER break_once AFTER "
                                      : "CREATE TRIGGER break_once BEFORE ") +
            event + " ON " + table + (when == Break::at_commit ? " DEFERRABLE INITIALLY DEFERRED" : "") +
            " FOR EACH ROW EXECUTE FUNCTION public.break_once()");
}

std::string TestDb::create_role(const std::vector<std::string>& grants, const std::string& attributes) {
  const std::string role = "am_role_" + unique_suffix();
  const auto db = open();
  db->query("CREATE ROLE " + role + " LOGIN");
  roles_.push_back(role);
  if (!attributes.empty()) db->query("ALTER ROLE " + role + " " + attributes);
  for (const std::string& grant : grants) db->query("GRANT " + grant + " TO " + role);
  return role;
}

std::string value_of(kernel::Sql& sql, std::string_view query, const kernel::SqlValues& values) {
  const kernel::Rows rows = sql.query(query, values);
  return rows.empty() ? "" : rows.values.at(0).at(0).value_or("");
}

std::string dump_schema(kernel::Sql& sql) {
  return value_of(sql, R"(
WITH t AS (
  SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'S', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
    AND c.oid IS DISTINCT FROM to_regclass('ops.migrations') AND c.oid IS DISTINCT FROM to_regclass('public.schema_migrations')
), lines AS (
  SELECT name AS line FROM t
  UNION ALL SELECT name || ' column ' || row_number() OVER (PARTITION BY t.oid ORDER BY attnum) || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' ||
    attidentity::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '-')
    FROM t JOIN pg_attribute ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  UNION ALL SELECT name || ' constraint ' || conname || ' ' || pg_get_constraintdef(c.oid) FROM t JOIN pg_constraint c ON conrelid = t.oid
  UNION ALL SELECT name || ' ' || pg_get_indexdef(indexrelid) FROM t JOIN pg_index ON indrelid = t.oid
  UNION ALL SELECT 'trigger ' || tgname || ' on ' || name FROM t JOIN pg_trigger ON tgrelid = t.oid WHERE NOT tgisinternal
  UNION ALL SELECT 'extension ' || extname FROM pg_extension
) SELECT string_agg(line, E'\n' ORDER BY line) FROM lines)");
}

}  // namespace am::test
