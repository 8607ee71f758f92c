#pragma once
// Statements about runs that several files share. Private.

#include <span>
#include <string>
#include <vector>

#include "am/feed/runs.hpp"

namespace am::feed {

/// Locks the row until the transaction ends. Errors: no_input: there is none.
FeedRun lock_run(kernel::Transaction& tx, const std::string& id);
/// The newest run of its feed and type: itself, mostly.
std::string newest_of_kind(kernel::Sql& sql, const std::string& id);
/// These partitions are queued again with all their attempts, at the offset that they had come to, and their workers count
/// as running, as long as they had begun. How many were; what is queued, running or done stays as it is.
std::size_t requeue(kernel::Transaction& tx, const std::string& run_id, std::span<const std::string> keys);

/// What run_of reads: the columns of feed.run_metadata.
std::string run_columns();
FeedRun run_of(const kernel::Row& row);

}  // namespace am::feed
