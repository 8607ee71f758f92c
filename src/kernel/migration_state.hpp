#pragma once
// What a database says about its migrations, and whether that agrees with the files at hand.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/kernel/migrations.hpp"

namespace am::kernel {

/// Who applied a migration that another tool applied.
inline constexpr const char* kAdopted = "adopted";

struct RecordedMigration {
  long long version;
  std::string name;
  std::string sha256_up;
  std::string sha256_down;
  Instant applied_at;
  std::string applied_by;
};

struct SchemaState {
  std::string encoding;       ///< of the database: "UTF8"
  bool has_public = false;    ///< schema public
  bool has_versions = false;  ///< table public.schema_migrations
  bool has_ops = false;       ///< schema ops
  bool has_records = false;   ///< table ops.migrations
  std::string elsewhere;      ///< the other schemas that have a schema_migrations: "app, ops"; empty: none
  long long version = 0;
  bool dirty = false;
  std::vector<RecordedMigration> recorded;  ///< ascending
};

SchemaState read_schema_state(Sql& sql);
const RecordedMigration* find_record(const SchemaState& state, long long version);

/// The tables are where the version is, so that a comparison says something.
bool is_comparable(const SchemaState& state);

/// Why these files must not be applied to this database; a line each, the gravest first.
std::vector<std::string> unsound(const SchemaState& state, std::span<const Migration> files);
/// Errors:  config: the first of them, with its remedy.
void refuse_unsound(const SchemaState& state, std::span<const Migration> files);

std::vector<MigrationStatus> migration_statuses(const SchemaState& state, std::span<const Migration> files);

}  // namespace am::kernel
