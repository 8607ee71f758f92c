#pragma once
// What stands in the ledger and in the request budgets, read in one snapshot: how each job stands, which runs are not
// done, what is left of each budget. For whoever tells people (status, pages, metrics) or decides what can be worked on
// (duty.hpp). Each read is a statement and what its result means, so that one round trip asks many.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/rate_limit.hpp"

namespace am::kernel {

/// One job of the run ledger: how its latest run stands, when it last succeeded, and how many runs are not done. Those
/// that are done are not counted: there is no end to them, and counting would read them all.
struct JobState {
  std::string job;                        ///< "weekly_pick_v1"
  std::map<std::string, long long> open;  ///< runs that are not done by status, those that occur
  std::optional<Instant> last_success{};  ///< end of the latest run that is done
  std::optional<std::chrono::microseconds>
      last_duration{};  ///< of the latest run that has ended, by its start
  std::string slot;     ///< of the latest run, by its start, and so all below
  std::string status;   ///< running, done, deferred, failed, interrupted, abandoned
  int attempts = 0;     ///< 1: the first one
  Instant started_at{};
  std::optional<Instant> finished_at{};
  std::optional<Instant> not_before{};  ///< of a deferred run
  std::string error{};                  ///< its message; empty: none
  std::string id{};                     ///< its uuid
};

/// A run that is not done.
struct OpenRun {
  std::string id;
  std::string job;
  std::string slot;
  std::string status;
  int attempt = 1;
  std::string holder;  ///< JSON as Holder writes it; empty: none
  Instant started_at{};
  std::optional<Instant> not_before{};
  std::optional<Instant> ended_at{};  ///< of its last attempt; business time, where --now fixed it
  bool lease_live = false;            ///< by the database's clock
  bool holder_gone = false;  ///< certainly: its process was of this machine, and is not there any more
  std::string error{};       ///< its message; empty: none

  /// Somebody may be alive who works on it.
  bool is_held() const { return status == "running" && lease_live && !holder_gone; }
};

struct BudgetWindow {
  int limit = 0;
  std::chrono::milliseconds period{0};
  long long used = 0;  ///< sent within the period, or reserved
};

/// One key's request budget as RateLimiter counts it.
struct BudgetState {
  std::string key;
  std::vector<BudgetWindow> windows;      ///< in the limit's order
  std::optional<Instant> paused_until{};  ///< in the future, else empty
  std::string pause_reason{};
};

/// Shape:   one element per job, by name; none before the first run.
Statement job_states_statement();
std::vector<JobState> job_states(const Rows& rows);
/// Shape:   of each job those that run first, then by their start, the latest first; 500 of a job at most.
Statement open_runs_statement();
std::vector<OpenRun> open_runs(const Rows& rows);
/// Shape:   one element per limit, in their order; a key that was never used has used nothing.
Statement budget_states_statement(const std::vector<RateLimit>& limits);
std::vector<BudgetState> budget_states(const Rows& rows, const std::vector<RateLimit>& limits);

/// "1min", "4h", "1day", "1500ms": a period in the largest unit that divides it, as the configuration writes it.
std::string period_text(std::chrono::milliseconds period);

}  // namespace am::kernel
