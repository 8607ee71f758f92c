#include "migration_settlement.hpp"

#include "am/base/text.hpp"
#include "schema_diff.hpp"

namespace am::kernel {

namespace {

std::string counted(std::size_t n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

std::string problem(const SchemaState& state, const Settlement& settlement, std::size_t differences) {
  const std::string version = std::to_string(state.version);
  if (state.version == 0) {
    const std::string there = counted(differences, "object") + " of the migrations " +
                              (differences == 1 ? "is" : "are") + " there already";
    if (settlement.fresh) return "none recorded, but " + there;
    return "none by schema_migrations, but " + there;
  }
  const std::string from = counted(differences, "difference") + " from migrations 1 to " + version;
  if (settlement.forget.empty()) return "not adopted, " + from;
  return "at version " + version + " by schema_migrations, at " + std::to_string(settlement.forget.back()) +
         " by ops.migrations, " + from;
}

/// Nothing here drops or moves a table that holds rows of the desk.
std::string remedy(const SchemaState& state, const SchemaComparison& comparison) {
  if (comparison.found.value_or(0) > 0) {
    const std::string found = std::to_string(*comparison.found);
    return "the tables are those of version " + found +
           ": set public.schema_migrations to it, with dirty = false (golang-migrate: migrate force " +
           found + "), then run: am migrate";
  }
  if (!state.has_versions && !state.elsewhere.empty()) {
    return "their version may be in another schema (" + state.elsewhere +
           " has a schema_migrations): if the rest of the tables is beside it, move all of them to public (ALTER TABLE … "
           "SET SCHEMA public), then run: am migrate";
  }
  if (comparison.found) {
    return "none of the migrations' tables is in public: look for them in another schema or database, or restore a "
           "backup";
  }
  return "make them equal, keeping what is stored (am migrate verify lists what is left), then run: am migrate";
}

}  // namespace

Settlement settlement_of(const SchemaState& state, std::span<const Migration> files) {
  Settlement out;
  for (const Migration& file : files) {
    if (file.version <= state.version && find_record(state, file.version) == nullptr)
      out.adopt.push_back(file.version);
  }
  for (const RecordedMigration& record : state.recorded) {
    if (record.version > state.version) out.forget.push_back(static_cast<int>(record.version));
  }
  out.fresh = state.version == 0 && state.recorded.empty();
  return out;
}

void refuse_unproven(Transaction& transaction, const SchemaState& state, std::span<const Migration> files) {
  const SchemaComparison comparison =
      compare_schema(transaction, files, static_cast<std::size_t>(state.version));
  if (comparison.differences.empty()) return;
  throw Error(
      ErrorKind::config,
      "database schema: " + problem(state, settlement_of(state, files), comparison.differences.size()) +
          ": " + join(comparison.differences, "; "),
      remedy(state, comparison));
}

}  // namespace am::kernel
