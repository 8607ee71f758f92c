#pragma once
// Which page of a partition is asked for next, and what one that came means. Offsets are all that the supplier gives, and
// while a partition is read stones before the offset are sold, so that the rest moves up: the page at offset n would begin
// behind stones that nobody has seen. So each page begins with the last stone of the one before. Where it does not, rows
// moved: the page is held, and the one before it is asked for again, until the seen and the held ones touch. Stones that
// come in between move rows down, which shows some of them twice and loses none. Private.
//
// Errors:  none. Threads: pure.

namespace am::feed {

struct CrawlState {
  int page_size = 30;
  long long expected = 0;     ///< stones, as counted by the plan: an estimate
  long long next_offset = 0;  ///< what is before it is stored
  long long received = 0;     ///< offers of all pages that are stored: repeated ones, too
  long long furthest = 0;     ///< the largest next_offset that there was
  int backs = 0;              ///< pages that are held
  int stale = 0;              ///< pages in a row, past the estimate, without a stone new to the partition
  bool is_sure = false;       ///< the page at next_offset - 1 had its first stone alone
};

/// So often a page before is asked for, one after another.
inline constexpr int kMostBacks = 5;
inline constexpr int kMostStale = 3;

long long offset_to_ask(const CrawlState& state);
/// Whether the page has to begin with a stone that the partition has seen.
bool has_to_overlap(const CrawlState& state);

enum class Step {
  keep,     ///< it is stored, then those that are held, the last one first
  hold,     ///< it may begin too late: it is kept in mind until it is known what comes before
  end,      ///< it is empty: the partition is done
  restart,  ///< so many rows are gone that no page is where one was: from the beginning again
};
/// begins_seen: its first stone is one of the partition's; of an empty page: any.
Step step_for(const CrawlState& state, int received, bool begins_seen);

/// The state after a page that is held.
CrawlState held(CrawlState state);
CrawlState restarted(CrawlState state);

enum class Standing {
  goes_on,
  tail,     ///< past the estimate nothing new comes any more: it has no end
  overrun,  ///< far more came than there can be
};
struct Kept {
  CrawlState state;
  Standing standing = Standing::goes_on;
};
/// The state after a page that is stored. fresh: stones of it that were new to the partition. is_alone: it is the page that
/// was asked for, and not one that was held.
Kept kept(CrawlState state, long long offset, int received, int fresh, bool is_alone);

}  // namespace am::feed
