#pragma once
// What another tool did to a database (golang-migrate, or the service before this one) and ops.migrations does not know:
// it applied migrations that have no record, or reverted some that have one. Both are taken over when the tables prove it.

#include <span>
#include <vector>

#include "am/kernel/db.hpp"
#include "migration_state.hpp"

namespace am::kernel {

struct Settlement {
  std::vector<int> adopt;   ///< at or below the version, without a record
  std::vector<int> forget;  ///< above the version, with a record
  bool fresh = false;       ///< neither a version nor a record: no table of the files may be there
  bool to_prove() const { return fresh || !adopt.empty() || !forget.empty(); }
  bool to_write() const { return !adopt.empty() || !forget.empty(); }
};

/// Of a state that is sound.
Settlement settlement_of(const SchemaState& state, std::span<const Migration> files);

/// The tables are what the files make at the version of the state, and nothing of the files above it is there.
/// Errors:  config: every difference, and a remedy that keeps what is stored; denied: as compare_schema.
void refuse_unproven(Transaction& transaction, const SchemaState& state, std::span<const Migration> files);

}  // namespace am::kernel
