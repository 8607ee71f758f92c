#pragma once
// The supplier, as the desk asks it: how many stones a filter names, and a page of them.

#include "am/feed/types.hpp"

namespace am::feed {

/// Errors:  config: the query names what the supplier does not know, its endpoint is none; denied: it refuses the login;
///          unavailable: no answer, or one that is none (an error beside data, JSON that is cut off); deferred: a budget is
///          spent or the supplier asks to wait. Messages hold no token and no password.
/// Threads: one at a time; each thread has its own.
class Supplier {
 public:
  virtual ~Supplier() = default;
  virtual long long count(const Filter& filter) = 0;
  /// From the oldest offer on. limit: 1 to kMostPageSize. A page may be short or empty anywhere, and pages past the end may
  /// repeat what was there: what that means is the crawl's to decide.
  virtual Page page(const Filter& filter, long long offset, int limit) = 0;
};

}  // namespace am::feed
