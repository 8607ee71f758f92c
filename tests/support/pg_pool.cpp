#include "support/pg_pool.hpp"

#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "support/pg.hpp"

namespace am::test {

namespace {

using kernel::Db;
using kernel::sql_values;

/// What a test may have changed but rows: the catalogs (any change of a row there is another xmin), both lists of
/// migrations, settings and rights of the database, what the planner believes, and whether much has grown.
constexpr const char* kFingerprint = R"sql(
SELECT concat_ws(' ',
  (SELECT string_agg(query_to_xml('SELECT count(*), sum(xmin::text::bigint) FROM pg_catalog.' || name, true, true, '')::text, '')
     FROM unnest(ARRAY['pg_attrdef', 'pg_attribute', 'pg_class', 'pg_constraint', 'pg_default_acl', 'pg_enum',
                       'pg_event_trigger', 'pg_extension', 'pg_index', 'pg_largeobject_metadata', 'pg_namespace',
                       'pg_policy', 'pg_proc', 'pg_publication', 'pg_rewrite', 'pg_trigger', 'pg_type']) AS name),
  (SELECT string_agg(m::text, ' ' ORDER BY m::text) FROM ops.migrations m),
  (SELECT string_agg(m::text, ' ' ORDER BY m::text) FROM public.schema_migrations m),
  (SELECT string_agg(s.setrole || s.setconfig::text, ' ') FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
  d.datacl, d.datconnlimit, d.datdba, d.datcollversion,
  (SELECT concat(sum(reltuples), sum(pg_relation_size(oid)) > 2000000)
     FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace IN ('public'::regnamespace, 'ops'::regnamespace, 'market'::regnamespace)))
FROM pg_database d WHERE d.datname = current_database())sql";

/// By the catalog, so that a new desk's tables are emptied, too. Not TRUNCATE, which makes new files.
constexpr const char* kEmpty = R"sql(
DO $$
DECLARE one record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN
    SELECT c.oid::regclass AS name, c.relkind, s.seqstart FROM pg_class c LEFT JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE c.relkind IN ('r', 'S') AND c.oid >= 16384
      AND c.oid NOT IN ('ops.migrations'::regclass, 'public.schema_migrations'::regclass)
  LOOP
    IF one.relkind = 'S' THEN
      PERFORM setval(one.name, one.seqstart, false);
    ELSE
      EXECUTE 'DELETE FROM ' || one.name;
    END IF;
  END LOOP;
END $$)sql";

std::string template_name() {
  std::string all;
  for (const kernel::Migration& migration : kernel::embedded_migrations()) all += migration.up + '\0';
  return "am_template_" + sha256_hex(all).substr(0, 12);
}

bool has_database(Db& cluster, const std::string& name) {
  return !cluster.query("SELECT FROM pg_database WHERE datname = $1", sql_values(name)).empty();
}

/// Made by whichever test program comes first; the others wait for it.
std::string ensure_template(Db& cluster) {
  const std::string name = template_name();
  if (has_database(cluster, name)) return name;
  const auto keeper = open_url(cluster_url());  // its session lock ends with it
  keeper->query("SELECT pg_advisory_lock(hashtext('am test template'))");
  if (has_database(cluster, name)) return name;
  const std::string draft = "am_draft_" + unique_suffix();
  cluster.query("CREATE DATABASE " + draft);
  std::string fingerprint;
  {
    const auto db = open_url(with_database(cluster_url(), draft));
    MigratorBed bed;
    bed.over(*db).up();
    fingerprint = value_of(*db, kFingerprint);
  }
  cluster.query("COMMENT ON DATABASE " + draft + " IS '" + sha256_hex(fingerprint) + "'");
  cluster.query("ALTER DATABASE " + draft + " RENAME TO " + name);
  return name;
}

/// One of those that nobody has; "" when there is none. Locked until the connection ends.
std::string lock_free_one(Db& keeper, const std::string& prefix) {
  return value_of(keeper,
                  "SELECT datname FROM pg_database WHERE CASE WHEN starts_with(datname, $1) "
                  "THEN pg_try_advisory_lock(hashtext(datname)) ELSE false END LIMIT 1",
                  sql_values(prefix));
}

/// Whether it could be made as new.
bool clean(Db& keeper, const std::string& name, const std::string& fingerprint) {
  end_connections_to(keeper, name);
  try {
    const auto db = open_url(with_database(cluster_url(), name));
    if (sha256_hex(value_of(*db, kFingerprint)) != fingerprint) return false;
    db->query(kEmpty);
  } catch (const Error&) {  // a table of ours is not there, or nobody may connect
    return false;
  }
  return true;
}

}  // namespace

BorrowedDatabase borrow_database() {
  auto keeper = open_url(cluster_url());
  const std::string source = ensure_template(*keeper);
  const std::string fingerprint =
      value_of(*keeper, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
               sql_values(source));
  const std::string prefix = "am_pool" + source.substr(source.rfind('_')) + "_";
  for (std::string name; !(name = lock_free_one(*keeper, prefix)).empty();) {
    if (clean(*keeper, name, fingerprint)) return {name, std::move(keeper)};
    keeper->query("DROP DATABASE " + name + " WITH (FORCE)");
  }
  const std::string name = prefix + unique_suffix();
  keeper->query("SELECT pg_advisory_lock(hashtext($1))", sql_values(name));
  // Files are copied faster than what the server does by default, which extends them page by page.
  keeper->query("CREATE DATABASE " + name + " TEMPLATE " + source + " STRATEGY FILE_COPY");
  return {name, std::move(keeper)};
}

}  // namespace am::test
