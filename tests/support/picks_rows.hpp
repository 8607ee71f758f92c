#pragma once
// The picks desk's rows, for the crash sweep and for whoever compares before with after.

#include <string>

#include "support/crash_sweep.hpp"

namespace am::test {

/// The picks desk's rows, origins, cached closes, runs, steps and events as sorted lines. Batches are named by their
/// run date. The leases under which closes are fetched (fetch_closes_v1) are left out: they guard, they are no work.
std::string dump_picks(kernel::Sql& sql);

/// Removes every row of the picks desk and of the ledger.
void empty_picks(kernel::Sql& sql);

inline constexpr SweptDesk kSweptPicks{dump_picks, empty_picks};

}  // namespace am::test
