#pragma once
// The lock that keeps migrations apart: this program's from each other, and from golang-migrate's.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// golang-migrate's rule (GenerateAdvisoryLockId): CRC-32 of the names with a NUL between, times its salt. It puts the
/// schema first, then the table, then what it takes for the database's name.
std::uint32_t golang_migrate_lock_id(const std::vector<std::string_view>& names);

/// The ids that its drivers (postgres, pgx, pgx5) take for public.schema_migrations of this database, by what they take
/// for its name: a URL's path ("/am", or "/" with the name elsewhere), or what the server says ("am").
std::vector<long long> migration_lock_ids(std::string_view database);

/// A transaction that holds all of them, until it ends. Polls for `max_wait`, without a transaction in between.
/// Errors:  busy: names who holds one of them.
std::unique_ptr<Transaction> lock_migrations(Db& db, const Stop& stop, std::chrono::milliseconds max_wait);

}  // namespace am::kernel
