#pragma once
// What people do with runs: work on what failed once more, end a run, and what an alert tells them.
//
// Errors:  those of Sql::query; what else, is said.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "am/feed/runs.hpp"
#include "am/kernel/alerts.hpp"

namespace am::feed {

struct RetryRequest {
  std::string feed;
  std::optional<std::string> run{};        ///< none: the newest with failures
  std::optional<std::string> partition{};  ///< none: all that are dead or failed
};
struct RetryResult {
  std::string run_id;  ///< empty: no run has failures
  long long queued = 0;
  Settlement after{};
};
/// Dead and failed partitions are queued at the page that they had come to, and the run is running; one that was named, also
/// if it was cancelled. What is queued, running or done is left alone, so that a second retry changes nothing.
/// Errors:  no_input: no such run or partition; the run was cancelled, or is not the newest of its kind, which knows more;
///          busy: another run of its kind is open.
RetryResult retry_run(kernel::Db& db, const RetryRequest& request);

struct CancelResult {
  bool is_changed = false;  ///< else it had ended before
  long long cancelled = 0;  ///< partitions that nobody works on any more
};
/// Nobody works on it any more, and it is not consolidated; what came is stored, and stays. Errors: no_input: no such run.
CancelResult cancel_run(kernel::Db& db, const std::string& run_id, std::string_view reason);

/// Tells of each failed run that nobody has been told of: by e-mail, under Idempotency-Key run-failed/<run>/<decision>, else
/// in the log at error. What could not be sent is told by the next call. Returns how many were told of.
/// Errors:  those of Sql::query.
long long tell_failures(kernel::Db& db, kernel::HttpClient& http, kernel::Log& log,
                        const kernel::MailOptions& mail);

/// Of every feed's runs that have not ended, oldest first.
std::vector<std::string> open_runs(kernel::Sql& sql);

}  // namespace am::feed
