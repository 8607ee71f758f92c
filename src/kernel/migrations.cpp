#include "am/kernel/migrations.hpp"

#include <algorithm>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/version.hpp"
#include "migration_lock.hpp"
#include "migration_state.hpp"
#include "schema_diff.hpp"

namespace am::kernel {

namespace {

/// The schema of the earlier Go service: its four tables.
constexpr long long kAdoptedVersion = 4;

std::string title(const Migration& migration) {
  return "migration " + std::to_string(migration.version) + " " + migration.name;
}

bool adoptable(const SchemaState& state, std::size_t known) {
  return state.version == kAdoptedVersion && !state.dirty && state.recorded.empty() &&
         known >= kAdoptedVersion;
}

void create_own_tables(Transaction& transaction, const SchemaState& state) {
  // Asked for first, not IF NOT EXISTS: that wants the privilege to create even when nothing is created.
  if (!state.has_ops) transaction.script("CREATE SCHEMA ops");
  if (!state.has_records) {
    transaction.script(
        "CREATE TABLE ops.migrations (version integer PRIMARY KEY, name text NOT NULL, sha256_up text NOT "
        "NULL, "
        "sha256_down text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), applied_by "
        "text NOT NULL)");
  }
  if (!state.has_versions) {
    transaction.script(
        "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)");
  }
}

void record_file(Transaction& transaction, const Migration& migration, const std::string& applied_by) {
  transaction.query(
      "INSERT INTO ops.migrations (version, name, sha256_up, sha256_down, applied_by) VALUES ($1, $2, $3, "
      "$4, $5)",
      sql_values(migration.version, migration.name, sha256_hex(migration.up), sha256_hex(migration.down),
                 applied_by));
}

/// Also records above it are forgotten: they are of migrations that another tool reverted.
void forget_from(Transaction& transaction, int version) {
  transaction.query("DELETE FROM ops.migrations WHERE version >= $1", sql_values(version));
}

void record_version(Transaction& transaction, int version) {
  transaction.query("DELETE FROM schema_migrations");
  if (version > 0)
    transaction.query("INSERT INTO schema_migrations (version, dirty) VALUES ($1, false)",
                      sql_values(version));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void adopt(Transaction& transaction, const SchemaState& state, std::span<const Migration> files) {
  const std::vector<std::string> differences = schema_differences(transaction, files);
  if (!differences.empty()) {
    throw Error(ErrorKind::config,
                "database schema: not adopted, " + std::to_string(differences.size()) +
                    (differences.size() == 1 ? " difference" : " differences") +
                    " from migrations 1 to 4: " + join(differences, "; "),
                "make the tables equal (am migrate verify lists what is left), then run: am migrate");
  }
  create_own_tables(transaction, state);
  for (const Migration& migration : files) record_file(transaction, migration, "adopted");
}

}  // namespace

std::string_view migration_state_name(MigrationState state) {
  switch (state) {
    case MigrationState::applied:
      return "applied";
    case MigrationState::pending:
      return "pending";
    case MigrationState::edited:
      return "edited";
    case MigrationState::unknown:
      return "unknown";
  }
  return "unknown";
}

Migrator::Migrator(Db& db, Log& log, const Stop& stop, std::vector<Migration> migrations,
                   std::chrono::milliseconds max_wait)
    : db_(db), log_(log), stop_(stop), migrations_(std::move(migrations)), max_wait_(max_wait) {}

std::vector<int> Migrator::up(std::optional<int> target) {
  const int newest = static_cast<int>(migrations_.size());
  const int goal = target.value_or(newest);
  if (goal < 0 || goal > newest) {
    throw Error(ErrorKind::usage, "migrations: no version " + std::to_string(goal) + " (expected 0 to " +
                                      std::to_string(newest) + ")");
  }
  {
    const auto snapshot = db_.begin(true);
    const SchemaState state = read_schema_state(*snapshot);
    if (!adoptable(state, migrations_.size())) {
      refuse_unsound(state, migrations_);
      if (target && state.version > goal) {
        throw Error(ErrorKind::usage,
                    "migrations: the database is at version " + std::to_string(state.version) + ", above " +
                        std::to_string(goal),
                    "to go back: am migrate down");
      }
      if (state.version >= goal) return {};
    }
  }
  std::vector<int> applied;
  while (step_up(goal, applied)) {
  }
  return applied;
}

bool Migrator::step_up(int goal, std::vector<int>& applied) {
  const auto transaction = lock_migrations(db_, stop_, max_wait_);
  const SchemaState state = read_schema_state(*transaction);
  if (adopt_first(*transaction, state)) return true;
  if (state.version >= goal) return false;

  const Migration& next = migrations_[static_cast<std::size_t>(state.version)];
  const auto start = std::chrono::steady_clock::now();
  try {
    create_own_tables(*transaction, state);
    transaction->script(next.up);
    record_version(*transaction, next.version);
    forget_from(*transaction, next.version);
    record_file(*transaction, next, "am " + std::string(version()));
    transaction->commit();
  } catch (const Error& error) {
    throw error.within(title(next));
  }
  applied.push_back(next.version);
  log_.info("migration applied",
            {{"version", next.version}, {"migration", next.name}, {"duration", seconds_since(start)}});
  return true;
}

std::vector<int> Migrator::down(int steps) {
  long long goal = 0;
  {
    const auto snapshot = db_.begin(true);
    const SchemaState state = read_schema_state(*snapshot);
    if (!adoptable(state, migrations_.size())) refuse_unsound(state, migrations_);
    goal = state.version - steps;
    if (steps < 1 || goal < 0) {
      throw Error(ErrorKind::usage, "migrations: can't revert " + std::to_string(steps) + " (expected 1 to " +
                                        std::to_string(state.version) + ", the applied ones)");
    }
  }
  std::vector<int> reverted;
  while (step_down(goal, reverted)) {
  }
  return reverted;
}

bool Migrator::step_down(long long goal, std::vector<int>& reverted) {
  const auto transaction = lock_migrations(db_, stop_, max_wait_);
  const SchemaState state = read_schema_state(*transaction);
  if (adopt_first(*transaction, state)) return true;
  if (state.version <= goal) return false;

  const Migration& last = migrations_[static_cast<std::size_t>(state.version - 1)];
  const auto start = std::chrono::steady_clock::now();
  try {
    transaction->script(last.down);
    record_version(*transaction, last.version - 1);
    forget_from(*transaction, last.version);
    transaction->commit();
  } catch (const Error& error) {
    throw error.within(title(last) + " down");
  }
  reverted.push_back(last.version);
  log_.info("migration reverted",
            {{"version", last.version}, {"migration", last.name}, {"duration", seconds_since(start)}});
  return true;
}

/// True when the database was the earlier service's and is now recorded; commits then. Throws if unsound.
bool Migrator::adopt_first(Transaction& transaction, const SchemaState& state) {
  if (!adoptable(state, migrations_.size())) {
    refuse_unsound(state, migrations_);
    return false;
  }
  adopt(transaction, state, std::span(migrations_).first(kAdoptedVersion));
  transaction.commit();
  log_.info("database adopted", {{"version", static_cast<std::int64_t>(kAdoptedVersion)}});
  return true;
}

std::vector<MigrationStatus> Migrator::status() {
  const auto snapshot = db_.begin(true);
  return migration_statuses(read_schema_state(*snapshot), migrations_);
}

std::vector<std::string> Migrator::verify() {
  const auto transaction = db_.begin();  // never committed
  const SchemaState state = read_schema_state(*transaction);
  std::vector<std::string> found;
  if (!adoptable(state, migrations_.size())) found = unsound(state, migrations_);
  const auto applied = static_cast<std::size_t>(
      std::clamp<long long>(state.version, 0, static_cast<long long>(migrations_.size())));
  if (applied > 0) {
    for (std::string& line : schema_differences(*transaction, std::span(migrations_).first(applied)))
      found.push_back(std::move(line));
  }
  return found;
}

}  // namespace am::kernel
