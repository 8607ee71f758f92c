#pragma once
// How far runs are: what of the expected stones is there, how fast they come, when the rest will be there.
//
// Errors:  those of Sql::query.

#include <optional>
#include <string>
#include <vector>

#include "am/feed/runs.hpp"
#include "am/kernel/desk.hpp"

namespace am::feed {

/// Over how long the pace is measured.
inline constexpr std::chrono::minutes kPaceWindow{5};

struct RunProgress {
  FeedRun run;
  long long records =
      0;  ///< stones so far, those on an edge of two partitions twice, as expected_records has them
  long long pages = 0, failed_pages = 0;
  int queued = 0, running = 0;
  double pages_per_second = 0, stones_per_second = 0;  ///< over the pace's window; 0: no page in it
  std::optional<Instant> touched_at{};                 ///< the last change of one of its partitions

  double percent() const;
  /// When the rest is there at this pace, from now. nullopt: nothing comes, or nothing is left.
  std::optional<std::chrono::seconds> time_left() const;
};

/// The newest first; of this feed. The pace and the pages of a run that has ended are not read.
std::vector<RunProgress> newest_runs(kernel::Sql& sql, const std::string& feed, int limit);
/// Errors: no_input: there is none.
RunProgress run_progress(kernel::Sql& sql, const std::string& run_id);

struct PartitionProgress {
  std::string run_id, partition_id, status;  ///< of the item: queued, running, done, failed, dead, cancelled
  PriceRange price;
  long long expected = 0, records = 0, next_offset = 0;
  int failed_pages = 0, attempts = 0, max_attempts = 0;
  std::string worker{};  ///< who began it; empty: nobody
  std::string error{};
  Instant updated_at{};
};
/// By their numbers.
std::vector<PartitionProgress> partitions_of(kernel::Sql& sql, const std::string& run_id);
/// Dead and failed ones, the newest first: of this run, or of all of the feed.
std::vector<PartitionProgress> dead_letters(kernel::Sql& sql, const std::string& feed,
                                            const std::optional<std::string>& run_id, int limit);

struct Watermark {
  std::string feed, query_hash, run_id;
  std::string query_json{};  ///< of the run; empty: it is gone
  Instant at{}, updated_at{};
};
std::vector<Watermark> watermarks(kernel::Sql& sql);

/// For metrics: the latest run of each kind, and the watermarks.
std::vector<kernel::Statement> ask_feed_metrics(Instant now);
std::vector<kernel::MetricFamily> make_feed_metrics(std::span<const kernel::Rows> results, Instant now);

}  // namespace am::feed
