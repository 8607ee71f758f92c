#pragma once
// Schema migrations in golang-migrate's layout (NNNN_name.up.sql / .down.sql) and its own table
// public.schema_migrations(version, dirty), kept true so that either tool can be used. SHA-256 of every applied
// file is in ops.migrations, which this command makes itself. Each migration and its rows commit
// together, so no dirty state can come from here. Names that a file leaves unqualified are of schema public,
// whatever the search_path. Design: docs/architecture.md, "Migrations".

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

struct Migration {
  int version = 0;
  std::string name;  ///< "batches"
  std::string up;
  std::string down;
};

/// The files compiled into the binary, ascending, without gaps.
const std::vector<Migration>& embedded_migrations();
/// The files of a directory. Errors: no_input (no directory), config (gap, pair incomplete, bad name, a file that
/// begins or ends a transaction by itself).
std::vector<Migration> load_migrations(const std::string& directory, const Patience& patience = {});

/// unrecorded: another tool applied it; unknown: newer than this binary knows.
enum class MigrationState { applied, pending, edited, unrecorded, unknown };
std::string_view migration_state_name(MigrationState state);

struct MigrationStatus {
  int version;
  std::string name;
  MigrationState state;
  std::optional<Instant> applied_at;
  std::string applied_by;  ///< "am 0.1.0", "adopted"
};

/// What another tool did, and was taken over because the tables prove it.
struct SettledMigrations {
  std::vector<int> adopted;    ///< it applied them; now they have a record
  std::vector<int> forgotten;  ///< it reverted them; now they have none
};

struct SchemaState;

class Migrator {
 public:
  Migrator(Db& db, Log& log, const Stop& stop, std::vector<Migration> migrations,
           std::chrono::milliseconds max_wait);

  /// Reads only. A database without any table of ours is all pending.
  std::vector<MigrationStatus> status();
  /// Applies what is pending up to `target` (default: all), one transaction each; returns the applied
  /// versions. What another tool applied or reverted (also the earlier Go service: its four tables, version 4) is
  /// compared with the files first, and recorded or forgotten when the tables prove it.
  /// Errors:  config: edited file, newer database, dirty flag set, tables that differ or are in another schema, another
  ///          encoding than UTF8, each with the remedy; busy: another process migrates (names the holder) and max_wait
  ///          is over; denied; usage: no such target, or the database is above it.
  std::vector<int> up(std::optional<int> target = {});
  /// Reverts the newest `steps` migrations; returns the reverted versions. Errors: as up; usage: fewer are
  /// applied.
  std::vector<int> down(int steps);
  /// What up or down have taken over.
  const SettledMigrations& settled() const { return settled_; }
  /// Throws what up would throw before it changes anything. Stores nothing, but where another tool was at work it
  /// needs the privilege to create schemas.
  void check();
  /// What differs between the applied files, the recorded hashes and the tables; empty when all is well.
  /// Stores nothing, but needs the privilege to create schemas (src/kernel/schema_diff.hpp).
  std::vector<std::string> verify();

 private:
  bool step_up(int goal, std::vector<int>& applied);
  bool step_down(long long goal, std::vector<int>& reverted);
  bool settle(Transaction& transaction, const SchemaState& state);

  Db& db_;
  Log& log_;
  const Stop& stop_;
  std::vector<Migration> migrations_;
  std::chrono::milliseconds max_wait_;
  SettledMigrations settled_;
};

/// Who holds the lock of migrations (this program's or golang-migrate's).
struct MigrationHolder {
  long long server_pid = 0;
  std::string who;  ///< "server process 123, am, user am, from 10.0.0.7", as far as this role may see it
};
/// Nothing: nobody migrates.
std::optional<MigrationHolder> migration_holder(Sql& sql);

/// One cheap read before a command works: the schema is exactly the binary's. Returns the database's encoding.
/// Errors:  config: "database schema: none (expected 11)" or "… at version 6 (expected 11)", hint "run: am
/// migrate";
///          "… made by a newer am"; dirty. denied: public.schema_migrations may not be read.
std::string require_schema(Sql& sql);
/// For work that stores texts from outside: what does not fit into the encoding is not to be asked for first.
/// Errors:  config: another encoding than UTF8, with the remedy.
void require_utf8(std::string_view encoding);

}  // namespace am::kernel
