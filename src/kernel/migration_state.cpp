#include "migration_state.hpp"

#include <algorithm>

#include "am/base/hash.hpp"

namespace am::kernel {

namespace {

std::string number(long long n) { return std::to_string(n); }

const RecordedMigration* find_record(const SchemaState& state, long long version) {
  const auto found = std::find_if(state.recorded.begin(), state.recorded.end(),
                                  [&](const auto& r) { return r.version == version; });
  return found == state.recorded.end() ? nullptr : &*found;
}

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
      "finish or undo it by hand, set schema_migrations to the version that is really there with dirty = "
      "false "
      "(golang-migrate: migrate force VERSION), then run: am migrate"};
}

std::vector<Error> find_unsound(const SchemaState& state, std::span<const Migration> files) {
  std::vector<Error> found;
  const auto known = static_cast<long long>(files.size());
  if (state.dirty) found.push_back(dirty_schema(state.version));
  if (state.version > known) {
    const RecordedMigration* record = find_record(state, state.version);
    found.push_back(newer(state.version, files.size(), record == nullptr ? "" : record->applied_by));
  }
  long long first_missing = 0;
  for (long long v = 1; v <= std::min(state.version, known) && first_missing == 0; ++v) {
    if (find_record(state, v) == nullptr) first_missing = v;
  }
  if (first_missing != 0) {
    found.emplace_back(ErrorKind::config,
                       "database schema: at version " + number(state.version) +
                           ", but ops.migrations has no record of migration " + number(first_missing),
                       "another tool applied it: go back to version " + number(first_missing - 1) +
                           " with that tool, then run: am migrate; or restore ops.migrations from a backup");
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
        "restore the file as " + record->applied_by + " had it; a change needs a new migration");
  }
  return found;
}

}  // namespace

SchemaState read_schema_state(Sql& sql) {
  SchemaState state;
  const Rows there = sql.query(
      "SELECT to_regclass('schema_migrations') IS NOT NULL AS versions, to_regnamespace('ops') IS NOT NULL "
      "AS ops, "
      "CASE WHEN to_regnamespace('ops') IS NOT NULL THEN to_regclass('ops.migrations') IS NOT NULL ELSE "
      "false END AS records");
  state.has_versions = there.only().boolean("versions");
  state.has_ops = there.only().boolean("ops");
  state.has_records = there.only().boolean("records");
  if (state.has_versions) {
    const Rows rows = sql.query("SELECT version, dirty FROM schema_migrations");
    if (rows.size() > 1)
      throw Error(ErrorKind::config, "database schema: schema_migrations holds " +
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
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row row = rows[i];
      state.recorded.push_back({row.integer("version"), row.text("name"), row.text("sha256_up"),
                                row.text("sha256_down"), row.micros("applied_at"), row.text("applied_by")});
    }
  }
  return state;
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
      status.state = MigrationState::applied;
      if (const RecordedMigration* record = find_record(state, file.version)) {
        if (edited(file, *record)) status.state = MigrationState::edited;
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

void require_schema(Sql& sql) {
  const auto known = embedded_migrations().size();
  const std::string expected = " (expected " + std::to_string(known) + ")";
  constexpr const char* kRemedy = "run: am migrate";
  Rows rows;
  try {
    rows = sql.query("SELECT version, dirty FROM schema_migrations");
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
}

}  // namespace am::kernel
