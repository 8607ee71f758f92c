#pragma once
// Runs and their partitions as API and pages read them. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"

namespace am::web {

struct FeedRunLine {
  std::string id, feed, type, status, query;
  long long expected_workers = 0, completed_workers = 0, failed_workers = 0;
  long long expected_records = 0, counted_records = 0;
  long long records =
      0;  ///< stones so far, those on an edge of two partitions twice, as expected_records has them
  std::optional<std::string> error{};
  std::optional<Instant> watermark_before{}, consolidate_at{}, settled_at{}, finished_at{};
  Instant watermark_after{}, created_at{};

  /// What of the expected stones is there, in percent, 0 to 100; nothing is expected: 100.
  double percent() const;
};

struct FeedPartitionLine {
  std::string id, status;
  long long price_min = 0, price_max = 0, expected = 0, records = 0, next_offset = 0, failed_pages = 0,
            attempts = 0;
  std::optional<std::string> error{}, worker{};
  std::optional<Instant> started_at{}, finished_at{};

  double percent() const;
};

/// How fast a run goes: over the last five minutes.
struct FeedPace {
  long long pages = 0, stones = 0;  ///< in that time
  double seconds = 0;  ///< between its first page and now, five minutes at most; 0: there was no page
  std::optional<Instant> last_page{};

  double stones_per_second() const { return seconds > 0 ? static_cast<double>(stones) / seconds : 0; }
};

struct FeedProblem {
  std::string what;
  long long times = 0;
};

/// The newest first; after: only those before that run.
kernel::Statement feed_runs_newest_first(const std::optional<std::string>& after, long long offset,
                                         int limit);
kernel::Statement feed_run_by_id(const std::string& id);
std::vector<FeedRunLine> feed_run_lines(const kernel::Rows& result);

kernel::Statement feed_partitions_of(const std::string& run);
std::vector<FeedPartitionLine> feed_partition_lines(const kernel::Rows& result);

kernel::Statement feed_pace_of(const std::string& run);
FeedPace feed_pace(const kernel::Rows& result);

/// What stones of the run could not be mapped for, the most frequent first; ten.
kernel::Statement feed_problems_of(const std::string& run);
std::vector<FeedProblem> feed_problems(const kernel::Rows& result);

}  // namespace am::web
