#pragma once
// What comes of deriving a desk's stored figures again and checking the invariants of its rows. A finding is something
// that must not be; a remark is something to know.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"

namespace am::kernel {

struct Finding {
  std::string subject;  ///< by its desk's name for it: a run date; empty: not about one thing
  std::string what;     ///< "2000-01-12 IBM: return in percent", "weekly run"
  std::string expected;
  std::string got;
  std::string hint{};  ///< what mends it; empty: nothing of am does
};

/// More are only counted.
inline constexpr std::size_t kMaxFindings = 1000;

struct Verification {
  std::string_view noun;                                  ///< for people, before a subject: "batch"
  std::string_view member;                                ///< for programs: "run_date"
  std::vector<std::pair<std::string, long long>> counts;  ///< what was looked at
  std::string looked_at;  ///< the same for people: "50 batches, 750 checkpoints"
  std::vector<Finding> findings;
  std::vector<Finding> remarks;
  long long findings_left_out = 0;

  /// Both keep kMaxFindings at most.
  void find(Finding finding);
  void remark(Finding finding);
};

/// Reads only, from one snapshot, and repairs nothing. days: only what belongs to these; progress may be empty.
/// Errors:  what the database throws.
using VerifyProgress = std::function<void(std::size_t done, std::size_t of)>;
using Verify = Verification (*)(Db& db, std::optional<DateRange> days, const VerifyProgress& progress);

}  // namespace am::kernel
