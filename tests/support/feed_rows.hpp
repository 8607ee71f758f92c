#pragma once
// The feed desk's rows, for the crash sweep and for whoever compares before with after.

#include <string>

#include "support/crash_sweep.hpp"

namespace am::test {

/// Runs, partitions, pages, stones as they came and as they are sold, watermarks, runs of the ledger and events as sorted lines;
/// without times, generated ids, epochs and attempts.
std::string dump_feed(kernel::Sql& sql);

/// Removes every row of the feed desk and of the ledger.
void empty_feed(kernel::Sql& sql);

inline constexpr SweptDesk kSweptFeed{dump_feed, empty_feed};

}  // namespace am::test
