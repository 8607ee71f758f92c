#include "crawl_steps.hpp"

#include <algorithm>

namespace am::feed {

long long offset_to_ask(const CrawlState& state) {
  if (state.is_sure) return state.next_offset;
  // Each page shares a row with the one behind it: a stone that comes in between moves one row down.
  const long long back = static_cast<long long>(state.backs) * std::max(state.page_size - 1, 1);
  return std::max(state.next_offset - 1 - back, 0LL);
}

bool has_to_overlap(const CrawlState& state) { return !state.is_sure && offset_to_ask(state) > 0; }

Step step_for(const CrawlState& state, int received, bool begins_seen) {
  const bool may_go_back = has_to_overlap(state) && state.backs < kMostBacks;
  if (received == 0) {
    if (may_go_back) return Step::hold;
    return has_to_overlap(state) ? Step::restart : Step::end;
  }
  return may_go_back && !begins_seen ? Step::hold : Step::keep;
}

CrawlState held(CrawlState state) {
  ++state.backs;
  return state;
}

CrawlState restarted(CrawlState state) {
  state.next_offset = 0;
  state.backs = 0;
  state.is_sure = false;
  return state;
}

Kept kept(CrawlState state, long long offset, int received, int fresh, bool is_alone) {
  const bool began_with_the_last = !state.is_sure && state.next_offset > 0;
  const long long end = offset + received;
  if (fresh > 0)
    state.stale = 0;
  else if (end > state.expected && end > state.furthest)
    ++state.stale;
  state.next_offset = end;
  state.furthest = std::max(state.furthest, end);
  state.received += received;
  state.backs = 0;
  state.is_sure = is_alone && began_with_the_last && received == 1 && fresh == 0;
  const Standing standing = state.received > 3 * state.expected + 1000 ? Standing::overrun
                            : state.stale >= kMostStale                ? Standing::tail
                                                                       : Standing::goes_on;
  return {state, standing};
}

}  // namespace am::feed
