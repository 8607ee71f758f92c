#pragma once
// Compares the tables of a database with what the migration files make. The files themselves are the
// specification: they are applied once more under other schema names inside a savepoint, both catalogs are
// read, and the savepoint is rolled back. Nothing real is touched or locked.

#include <span>
#include <string>
#include <vector>

#include "am/kernel/migrations.hpp"

namespace am::kernel {

/// Every difference in columns (type, nullability, default), constraints and indexes; a line each, ready to
/// be shown; empty when there is none. Further tables, indexes and columns that no insert of ours would
/// trip over are allowed.
/// Errors:  denied: the role may not create schemas.
std::vector<std::string> schema_differences(Transaction& transaction, std::span<const Migration> applied);

}  // namespace am::kernel
