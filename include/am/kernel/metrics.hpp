#pragma once
// Metric families of what the overview says, and Prometheus' text format. It counts nothing itself and stores nothing: a
// metric here is a query over what the commands wrote anyway.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/http_server.hpp"
#include "am/kernel/overview.hpp"
#include "am/kernel/queue_admin.hpp"

namespace am::kernel {

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
/// am_job_last_success_timestamp_seconds, am_job_runs (not done), am_job_last_duration_seconds, am_job_attempts.
std::vector<MetricFamily> job_metrics(const std::vector<JobState>& jobs);
/// am_rate_limit_used, am_rate_limit_limit, am_rate_limit_paused_until_timestamp_seconds (0: not paused).
std::vector<MetricFamily> budget_metrics(const std::vector<BudgetState>& budgets);
/// am_queue_items, am_queue_oldest_ready_timestamp_seconds (none: nothing is ready).
std::vector<MetricFamily> queue_metrics(const std::vector<QueueState>& queues);
/// am_http_*: what a server of this process served since its start.
std::vector<MetricFamily> server_metrics(const ServerStats& stats);
/// am_build_info{version}.
MetricFamily build_metric();

/// Prometheus' text format 0.0.4. Shape: a family without samples is left out.
std::string metrics_text(const std::vector<MetricFamily>& families);

}  // namespace am::kernel
