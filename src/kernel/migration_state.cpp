#include "migration_state.hpp"

#include <algorithm>

#include "am/base/hash.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kEncoding = "UTF8";

std::string number(long long n) { return std::to_string(n); }

bool edited(const Migration& file, const RecordedMigration& record) {
  return sha256_hex(file.up) != record.sha256_up || sha256_hex(file.down) != record.sha256_down;
}

Error newer(long long version, std::size_t known, const std::string& made_by) {
  return {ErrorKind::config,
          "database schema: at version " + number(version) + ", made by " +
              (made_by.empty() ? "a newer am" : made_by) + " (expected " + std::to_string(known) + ")",
          "use the am that made it, or a newer one"};
}

Error dirty_schema(long long version) {
  return {
      ErrorKind::config,
      "database schema: version " + number(version) + " is dirty, another tool's migration failed half-way",
      "finish or undo that migration by hand, keeping what is stored, set public.schema_migrations to the version that "
      "is then there with dirty = false (golang-migrate: migrate force VERSION), then run: am migrate, which "
      "compares the tables first"};
}

Error wrong_encoding(std::string_view encoding) {
  return {
      ErrorKind::config,
      "database encoding: " + std::string(encoding) +
          " (expected UTF8: not every character of a text can be stored)",
      "make a database with createdb -E UTF8 -T template0 NAME, and move what is stored into it: pg_dump OLD | psql "
      "NAME"};
}

/// ops.migrations is there, and public.schema_migrations is not.
Error misplaced(const SchemaState& state) {
  const std::string newest = number(state.recorded.back().version);
  const std::string problem = "database schema: ops.migrations has records up to " + newest +
                              ", but there is no public.schema_migrations";
  if (!state.elsewhere.empty()) {
    return {
        ErrorKind::config, problem + ", only in schema " + state.elsewhere,
        "if the tables of the migrations are beside it, an earlier am made them under another search_path: move all of "
        "them to public, as their owner (ALTER TABLE … SET SCHEMA public), then run: am migrate verify; else restore "
        "public.schema_migrations from a backup"};
  }
  return {
      ErrorKind::config, problem,
      "is it the right database? then restore a backup, or the table alone: CREATE TABLE public.schema_migrations "
      "(version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO public.schema_migrations VALUES (" +
          newest + ", false); then run: am migrate verify"};
}

/// Of the database as a whole; then nothing else of the state says anything.
std::optional<Error> unusable(const SchemaState& state) {
  if (state.encoding != kEncoding) return wrong_encoding(state.encoding);
  if (!state.has_public)
    return Error(ErrorKind::config, "database schema: there is no schema public",
                 "as the database's owner: CREATE SCHEMA public");
  if (!is_comparable(state)) return misplaced(state);
  return std::nullopt;
}

std::vector<Error> find_unsound(const SchemaState& state, std::span<const Migration> files) {
  if (auto problem = unusable(state)) return {std::move(*problem)};
  std::vector<Error> found;
  const auto known = static_cast<long long>(files.size());
  if (state.dirty) found.push_back(dirty_schema(state.version));
  if (state.version > known) {
    const RecordedMigration* record = find_record(state, state.version);
    found.push_back(newer(state.version, files.size(), record == nullptr ? "" : record->applied_by));
  } else if (!state.recorded.empty() && state.recorded.back().version > known) {
    const RecordedMigration& last = state.recorded.back();
    found.emplace_back(ErrorKind::config,
                       "database schema: at version " + number(state.version) + " by schema_migrations, at " +
                           number(last.version) + " by ops.migrations, made by " + last.applied_by +
                           " (expected at most " + number(known) + ")",
                       "use the am that made it, or a newer one: it can compare the tables");
  }
  for (const Migration& file : files) {
    const RecordedMigration* record = find_record(state, file.version);
    if (record == nullptr || file.version > state.version || !edited(file, *record)) continue;
    const bool up = sha256_hex(file.up) != record->sha256_up;
    found.emplace_back(
        ErrorKind::config,
        "migration " + number(file.version) + " " + file.name + ": the " + (up ? "up" : "down") +
            " file was edited after it was applied (expected sha256 " +
            (up ? record->sha256_up : record->sha256_down).substr(0, 12) + ", got " +
            sha256_hex(up ? file.up : file.down).substr(0, 12) + ")",
        (record->applied_by == kAdopted ? "restore the file as it was adopted"
                                        : "restore the file as " + record->applied_by + " had it") +
            "; a change needs a new migration");
  }
  return found;
}

}  // namespace

const RecordedMigration* find_record(const SchemaState& state, long long version) {
  const auto found = std::find_if(state.recorded.begin(), state.recorded.end(),
                                  [&](const auto& r) { return r.version == version; });
  return found == state.recorded.end() ? nullptr : &*found;
}

SchemaState read_schema_state(Sql& sql) {
  SchemaState state;
  // By the catalog, which needs no privilege: what is there and may not be read is then refused by its own name.
  const Rows there = sql.query(
      "WITH t AS (SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname IN ('schema_migrations', 'migrations') "
      "AND c.relkind IN ('r', 'p', 'v') AND n.nspname NOT LIKE 'pg\\_temp\\_%') "
      "SELECT current_setting('server_encoding') AS encoding, to_regnamespace('public') IS NOT NULL AS main, "
      "to_regnamespace('ops') IS NOT NULL AS ops, "
      "EXISTS (SELECT FROM t WHERE schema = 'public' AND name = 'schema_migrations') AS versions, "
      "EXISTS (SELECT FROM t WHERE schema = 'ops' AND name = 'migrations') AS records, "
      "coalesce((SELECT string_agg(schema, ', ' ORDER BY schema) FROM t WHERE schema <> 'public' AND "
      "name = 'schema_migrations'), '') AS elsewhere");
  state.encoding = there.only().text("encoding");
  state.has_public = there.only().boolean("main");
  state.has_versions = there.only().boolean("versions");
  state.has_ops = there.only().boolean("ops");
  state.has_records = there.only().boolean("records");
  state.elsewhere = there.only().text("elsewhere");
  if (state.has_versions) {
    const Rows rows = sql.query("SELECT version, dirty FROM public.schema_migrations");
    if (rows.size() > 1)
      throw Error(ErrorKind::config, "database schema: public.schema_migrations holds " +
                                         std::to_string(rows.size()) + " rows (expected 1)");
    if (!rows.empty()) {
      state.version = std::max(rows.only().integer("version"), 0LL);
      state.dirty = rows.only().boolean("dirty");
    }
  }
  if (state.has_records) {
    const Rows rows = sql.query(
        "SELECT version, name, sha256_up, sha256_down, (extract(epoch from applied_at) * 1000000)::bigint AS "
        "applied_at, applied_by "
        "FROM ops.migrations ORDER BY version");
    for (const Row row : rows) {
      state.recorded.push_back({row.integer("version"), row.text("name"), row.text("sha256_up"),
                                row.text("sha256_down"), row.micros("applied_at"), row.text("applied_by")});
    }
  }
  return state;
}

bool is_comparable(const SchemaState& state) {
  return state.has_public && (state.has_versions || state.recorded.empty());
}

std::vector<std::string> unsound(const SchemaState& state, std::span<const Migration> files) {
  std::vector<std::string> lines;
  for (const Error& error : find_unsound(state, files)) lines.push_back(error.message());
  return lines;
}

void refuse_unsound(const SchemaState& state, std::span<const Migration> files) {
  const std::vector<Error> found = find_unsound(state, files);
  if (!found.empty()) throw Error(found.front());
}

std::vector<MigrationStatus> migration_statuses(const SchemaState& state, std::span<const Migration> files) {
  std::vector<MigrationStatus> out;
  for (const Migration& file : files) {
    MigrationStatus status{file.version, file.name, MigrationState::pending, {}, ""};
    if (file.version <= state.version) {
      status.state = MigrationState::unrecorded;
      if (const RecordedMigration* record = find_record(state, file.version)) {
        status.state = edited(file, *record) ? MigrationState::edited : MigrationState::applied;
        status.applied_at = record->applied_at;
        status.applied_by = record->applied_by;
      }
    }
    out.push_back(std::move(status));
  }
  const auto known = static_cast<long long>(files.size());
  for (const RecordedMigration& record : state.recorded) {
    if (record.version <= known || record.version > state.version) continue;
    out.push_back({static_cast<int>(record.version), record.name, MigrationState::unknown, record.applied_at,
                   record.applied_by});
  }
  if (state.version > known && find_record(state, state.version) == nullptr) {
    out.push_back({static_cast<int>(state.version), "", MigrationState::unknown, {}, ""});
  }
  return out;
}

std::string require_schema(Sql& sql) {
  const auto known = embedded_migrations().size();
  const std::string expected = " (expected " + std::to_string(known) + ")";
  constexpr const char* kRemedy = "run: am migrate";
  Rows rows;
  try {
    rows = sql.query(
        "SELECT version, dirty, current_setting('server_encoding') AS encoding FROM public.schema_migrations");
  } catch (const Error& error) {
    // Undefined table; an undefined column means a table of another tool and is told as it is.
    const bool no_table =
        error.kind() == ErrorKind::config && error.message().find("schema_migrations") != std::string::npos;
    if (!no_table) throw;
    throw Error(ErrorKind::config, "database schema: none" + expected, kRemedy);
  }
  if (rows.empty()) throw Error(ErrorKind::config, "database schema: none" + expected, kRemedy);
  const long long version = rows[0].integer("version");
  if (rows[0].boolean("dirty")) throw dirty_schema(version);
  if (version > static_cast<long long>(known)) throw newer(version, known, "");
  if (version < static_cast<long long>(known)) {
    throw Error(ErrorKind::config, "database schema: at version " + number(version) + expected, kRemedy);
  }
  return rows[0].text("encoding");
}

void require_utf8(std::string_view encoding) {
  if (encoding != kEncoding) throw wrong_encoding(encoding);
}

}  // namespace am::kernel
