#include "am/kernel/migrations.hpp"

#include <algorithm>
#include <iterator>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/version.hpp"
#include "migration_lock.hpp"
#include "migration_settlement.hpp"
#include "migration_state.hpp"
#include "schema_catalog.hpp"
#include "schema_diff.hpp"

namespace am::kernel {

namespace {

std::string title(const Migration& migration) {
  return "migration " + std::to_string(migration.version) + " " + migration.name;
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
        "CREATE TABLE public.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)");
  }
}

void record_file(Transaction& transaction, const Migration& migration, const std::string& applied_by) {
  transaction.query(
      "INSERT INTO ops.migrations (version, name, sha256_up, sha256_down, applied_by) VALUES ($1, $2, $3, "
      "$4, $5)",
      sql_values(migration.version, migration.name, sha256_hex(migration.up), sha256_hex(migration.down),
                 applied_by));
}

void forget_record(Transaction& transaction, int version) {
  transaction.query("DELETE FROM ops.migrations WHERE version = $1", sql_values(version));
}

void record_version(Transaction& transaction, int version) {
  transaction.query("DELETE FROM public.schema_migrations");
  if (version > 0)
    transaction.query("INSERT INTO public.schema_migrations (version, dirty) VALUES ($1, false)",
                      sql_values(version));
}

/// A file's own text: names that it leaves unqualified are of schema public, as they were when it was released.
void run_file(Transaction& transaction, const std::string& text) {
  look_in(transaction, "public");
  transaction.script(text);
}

double seconds_from(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string listed(const std::vector<int>& versions) {
  std::vector<std::string> texts;
  for (const int version : versions) texts.push_back(std::to_string(version));
  return join(texts, ",");
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
    case MigrationState::unrecorded:
      return "unrecorded";
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
    refuse_unsound(state, migrations_);
    if (target && state.version > goal) {
      throw Error(ErrorKind::usage,
                  "migrations: the database is at version " + std::to_string(state.version) +
                      " (expected at most " + std::to_string(goal) + ")",
                  "up only goes forward; what is applied: am migrate status");
    }
    if (state.version >= goal && !settlement_of(state, migrations_).to_write()) return {};
  }
  std::vector<int> applied;
  while (step_up(goal, applied)) {
  }
  return applied;
}

bool Migrator::step_up(int goal, std::vector<int>& applied) {
  const auto transaction = lock_migrations(db_, stop_, max_wait_);
  const SchemaState state = read_schema_state(*transaction);
  refuse_unsound(state, migrations_);
  if (settle(*transaction, state)) return true;
  if (state.version >= goal) return false;

  const Migration& next = migrations_[static_cast<std::size_t>(state.version)];
  const auto start = std::chrono::steady_clock::now();
  try {
    create_own_tables(*transaction, state);
    run_file(*transaction, next.up);
    record_version(*transaction, next.version);
    record_file(*transaction, next, "am " + std::string(version()));
    transaction->commit();
  } catch (const Error& error) {
    throw error.within(title(next));
  }
  applied.push_back(next.version);
  log_.info("migration applied",
            {{"version", next.version}, {"migration", next.name}, {"duration", seconds_from(start)}});
  return true;
}

std::vector<int> Migrator::down(int steps) {
  long long goal = 0;
  {
    const auto snapshot = db_.begin(true);
    const SchemaState state = read_schema_state(*snapshot);
    refuse_unsound(state, migrations_);
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
  refuse_unsound(state, migrations_);
  if (settle(*transaction, state)) return true;
  if (state.version <= goal) return false;

  const Migration& last = migrations_[static_cast<std::size_t>(state.version - 1)];
  const auto start = std::chrono::steady_clock::now();
  try {
    run_file(*transaction, last.down);
    record_version(*transaction, last.version - 1);
    forget_record(*transaction, last.version);
    transaction->commit();
  } catch (const Error& error) {
    throw error.within(title(last) + " down");
  }
  reverted.push_back(last.version);
  log_.info("migration reverted",
            {{"version", last.version}, {"migration", last.name}, {"duration", seconds_from(start)}});
  return true;
}

/// True when the records now say what another tool did; commits then.
bool Migrator::settle(Transaction& transaction, const SchemaState& state) {
  const Settlement settlement = settlement_of(state, migrations_);
  if (!settlement.to_prove()) return false;
  refuse_unproven(transaction, state, migrations_);
  if (!settlement.to_write()) return false;
  create_own_tables(transaction, state);
  for (const int version : settlement.forget) forget_record(transaction, version);
  for (const int version : settlement.adopt)
    record_file(transaction, migrations_[static_cast<std::size_t>(version - 1)], kAdopted);
  transaction.commit();
  std::ranges::copy(settlement.adopt, std::back_inserter(settled_.adopted));
  std::ranges::copy(settlement.forget, std::back_inserter(settled_.forgotten));
  log_.info("database adopted", {{"version", static_cast<std::int64_t>(state.version)},
                                 {"recorded", listed(settlement.adopt)},
                                 {"forgotten", listed(settlement.forget)}});
  return true;
}

void Migrator::check() {
  const auto transaction = db_.begin();  // never committed
  const SchemaState state = read_schema_state(*transaction);
  refuse_unsound(state, migrations_);
  if (settlement_of(state, migrations_).to_prove()) refuse_unproven(*transaction, state, migrations_);
}

std::vector<MigrationStatus> Migrator::status() {
  const auto snapshot = db_.begin(true);
  return migration_statuses(read_schema_state(*snapshot), migrations_);
}

std::vector<std::string> Migrator::verify() {
  const auto transaction = db_.begin();  // never committed
  const SchemaState state = read_schema_state(*transaction);
  std::vector<std::string> found = unsound(state, migrations_);
  if (!is_comparable(state)) return found;
  // What is pending may never have run anywhere: it is looked at only where another tool may have been there first.
  const auto version = std::min(static_cast<std::size_t>(state.version), migrations_.size());
  const bool all = settlement_of(state, migrations_).to_prove();
  const auto files = std::span(migrations_).first(all ? migrations_.size() : version);
  for (std::string& line : compare_schema(*transaction, files, version).differences)
    found.push_back(std::move(line));
  return found;
}

}  // namespace am::kernel
