#pragma once
// What the ledger and the request budgets say about the program, for /metrics, the status page and a textfile:
// questions that one snapshot answers, and Prometheus' text format. It counts nothing itself and stores nothing: a
// metric here is a query over what the commands wrote anyway. Metrics of a desk are that desk's reader's business.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/snapshot.hpp"

namespace am::kernel {

/// One job of the run ledger: how often, how its latest run stands, and when it last succeeded.
struct JobState {
  std::string job;                        ///< "weekly_pick_v1"
  std::map<std::string, long long> runs;  ///< by status, those that occur
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
  std::string error{};                ///< its message; empty: none
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
/// Errors:  as SnapshotReader::read.
std::vector<JobState> job_states(SnapshotReader& reader);
/// Shape:   one element per limit, in their order; a key that was never used has used nothing.
/// Errors:  as SnapshotReader::read.
std::vector<BudgetState> budget_states(SnapshotReader& reader, const std::vector<RateLimit>& limits);

/// The same for callers that ask more in the same round trip: a statement, and what its result means.
Statement job_states_statement();
std::vector<JobState> job_states(const Rows& rows);
/// Shape:   those that run first, then by their start, the latest first; 500 at most.
Statement open_runs_statement();
std::vector<OpenRun> open_runs(const Rows& rows);
Statement budget_states_statement(const std::vector<RateLimit>& limits);
std::vector<BudgetState> budget_states(const Rows& rows, const std::vector<RateLimit>& limits);

enum class MetricType { counter, gauge, histogram };

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample {
  MetricLabels labels;  ///< values are escaped when they are written
  double value = 0;
  std::string suffix{};  ///< "_bucket", "_sum", "_count" of a histogram
};

struct MetricFamily {
  std::string name;  ///< "am_job_runs"
  std::string help;
  MetricType type = MetricType::gauge;
  std::vector<MetricSample> samples;
};

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// The job's name as workflow, and as job, which a scrape renames to exported_job: that one leaves with the next release.
MetricLabels job_labels(std::string_view job);
/// am_job_last_success_timestamp_seconds, am_job_runs, am_job_last_duration_seconds, am_job_attempts.
std::vector<MetricFamily> job_metrics(const std::vector<JobState>& jobs);
/// am_rate_limit_used, am_rate_limit_limit, am_rate_limit_paused_until_timestamp_seconds (0: not paused).
std::vector<MetricFamily> budget_metrics(const std::vector<BudgetState>& budgets);
/// am_http_*: what a server of this process served since its start.
std::vector<MetricFamily> server_metrics(const ServerStats& stats);
/// am_build_info{version}.
MetricFamily build_metric();

/// Prometheus' text format 0.0.4. Shape: a family without samples is left out.
std::string metrics_text(const std::vector<MetricFamily>& families);

/// "1min", "4h", "1day", "1500ms": a period in the largest unit that divides it, as the configuration writes it.
std::string period_text(std::chrono::milliseconds period);

}  // namespace am::kernel
