#pragma once
// Compares the tables of a database with what the migration files make. The files themselves are the
// specification: they are applied once more under other schema names inside a savepoint, both catalogs are
// read, and the savepoint is rolled back. Nothing real is touched or locked.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/kernel/migrations.hpp"

namespace am::kernel {

struct SchemaComparison {
  /// Every difference from what the files up to the version make, in columns (type, nullability, default), constraints,
  /// indexes, triggers, views, sequences, functions and enumerations, and whatever of the files above it is there
  /// already; a line each, ready to be shown. Further tables, indexes and columns that no insert of ours would trip over
  /// are allowed.
  std::vector<std::string> differences;
  /// The one version whose objects are there, exactly. Nothing: no version's, or several versions' alike.
  std::optional<std::size_t> found;
};

/// With what the first `version` of the files make.
/// Errors:  denied: the role may not create schemas. When nothing is there and nothing is to be, it need not.
SchemaComparison compare_schema(Transaction& transaction, std::span<const Migration> files,
                                std::size_t version);

}  // namespace am::kernel
