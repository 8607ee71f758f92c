#include "am/kernel/metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "am/base/text.hpp"
#include "am/kernel/version.hpp"

namespace am::kernel {

namespace {

using std::chrono::milliseconds;

double seconds(Instant at) { return static_cast<double>(at.time_since_epoch().count()) / 1e6; }

MetricFamily family(std::string name, MetricType type, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .samples = {}};
}

MetricFamily count(std::string name, MetricType type, std::string help, std::uint64_t value) {
  MetricFamily out = family(std::move(name), type, std::move(help));
  out.samples.push_back({.labels = {}, .value = static_cast<double>(value)});
  return out;
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

/// The shortest text that reads back as the same number, without an exponent.
std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 400> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), end.ptr};
}

/// Backslash and line feed, and in a label's value the quote.
void append_escaped(std::string& out, std::string_view outside, bool in_quotes) {
  const std::string text = printable_lines(outside);  // the format has no escape for a control character
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && in_quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_sample(std::string& out, const MetricFamily& family, const MetricSample& sample) {
  out += family.name;
  out += sample.suffix;
  char separator = '{';
  for (const auto& [label, value] : sample.labels) {
    out += separator;
    out += label;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
    separator = ',';
  }
  if (!sample.labels.empty()) out += '}';
  out += ' ';
  out += number_text(sample.value);
  out += '\n';
}

MetricFamily durations(const ServerStats& stats) {
  MetricFamily out = family("am_http_request_duration_seconds", MetricType::histogram,
                            "From the end of a request to the end of its answer.");
  for (const auto& [bound, up_to] : stats.durations) {
    if (std::isinf(bound)) continue;
    out.samples.push_back(
        {.labels = {{"le", number_text(bound)}}, .value = static_cast<double>(up_to), .suffix = "_bucket"});
  }
  const auto total = static_cast<double>(stats.duration_count);
  out.samples.push_back({.labels = {{"le", "+Inf"}}, .value = total, .suffix = "_bucket"});
  out.samples.push_back({.labels = {}, .value = stats.duration_sum_s, .suffix = "_sum"});
  out.samples.push_back({.labels = {}, .value = total, .suffix = "_count"});
  return out;
}

}  // namespace

MetricLabels job_labels(std::string_view job) {
  return {{"workflow", std::string(job)}, {"job", std::string(job)}};
}

std::vector<MetricFamily> job_metrics(const std::vector<JobState>& jobs) {
  MetricFamily success = family("am_job_last_success_timestamp_seconds", MetricType::gauge,
                                "When the job's latest successful run ended, as a Unix time.");
  MetricFamily runs = family("am_job_runs", MetricType::gauge, "Runs in the ledger that are not done.");
  MetricFamily took =
      family("am_job_last_duration_seconds", MetricType::gauge, "How long the run took that ended last.");
  MetricFamily attempts = family("am_job_attempts", MetricType::gauge, "Attempts of the latest run so far.");
  for (const JobState& job : jobs) {
    const MetricLabels labels = job_labels(job.job);
    if (job.last_success) success.samples.push_back({.labels = labels, .value = seconds(*job.last_success)});
    for (const auto& [status, n] : job.open) {
      runs.samples.push_back({.labels = labels, .value = static_cast<double>(n)});
      runs.samples.back().labels.emplace_back("status", status);
    }
    if (job.last_duration)
      took.samples.push_back(
          {.labels = labels, .value = static_cast<double>(job.last_duration->count()) / 1e6});
    attempts.samples.push_back({.labels = labels, .value = static_cast<double>(job.attempts)});
  }
  return {success, runs, took, attempts};
}

std::vector<MetricFamily> budget_metrics(const std::vector<BudgetState>& budgets) {
  MetricFamily used = family("am_rate_limit_used", MetricType::gauge,
                             "Requests that count against the window now: sent or reserved.");
  MetricFamily limit = family("am_rate_limit_limit", MetricType::gauge, "Requests that the window allows.");
  MetricFamily paused = family("am_rate_limit_paused_until_timestamp_seconds", MetricType::gauge,
                               "Until when nobody sends, as a Unix time; 0: not paused.");
  for (const BudgetState& budget : budgets) {
    for (const BudgetWindow& window : budget.windows) {
      const MetricLabels labels = {{"key", budget.key}, {"window", period_text(window.period)}};
      used.samples.push_back({.labels = labels, .value = static_cast<double>(window.used)});
      limit.samples.push_back({.labels = labels, .value = static_cast<double>(window.limit)});
    }
    paused.samples.push_back(
        {.labels = {{"key", budget.key}}, .value = budget.paused_until ? seconds(*budget.paused_until) : 0});
  }
  return {used, limit, paused};
}

std::vector<MetricFamily> queue_metrics(const std::vector<QueueState>& queues) {
  MetricFamily items = family(
      "am_queue_items", MetricType::gauge,
      "Items of the queue by state; " + std::to_string(QueueState::kMostCounted) + ": so many or more.");
  MetricFamily oldest =
      family("am_queue_oldest_ready_timestamp_seconds", MetricType::gauge,
             "Since when the item that waits longest could have been claimed, as a Unix time.");
  for (const QueueState& queue : queues) {
    for (const auto& [state, n] : queue.counts())
      items.samples.push_back({.labels = {{"queue", queue.queue}, {"state", std::string(state)}},
                               .value = static_cast<double>(n)});
    if (queue.oldest_ready)
      oldest.samples.push_back({.labels = {{"queue", queue.queue}}, .value = seconds(*queue.oldest_ready)});
  }
  return {items, oldest};
}

std::vector<MetricFamily> server_metrics(const ServerStats& stats) {
  MetricFamily requests =
      family("am_http_requests_total", MetricType::counter, "Answered requests by route and status.");
  for (const auto& [key, n] : stats.requests) {
    requests.samples.push_back({.labels = {{"route", key.first}, {"status", std::to_string(key.second)}},
                                .value = static_cast<double>(n)});
  }
  using enum MetricType;
  return {requests,
          durations(stats),
          count("am_http_response_bytes_total", counter, "Bytes sent, headers included.", stats.bytes),
          count("am_http_connections_total", counter, "Connections accepted.", stats.connections),
          count("am_http_connections_refused_total", counter, "Connections over a cap.", stats.refused),
          count("am_http_connections_timed_out_total", counter, "Connections closed by a deadline.",
                stats.timed_out),
          count("am_http_connections_open", gauge, "Connections open now.", stats.open)};
}

MetricFamily build_metric() {
  MetricFamily out = family("am_build_info", MetricType::gauge, "The running program; always 1.");
  out.samples.push_back({.labels = {{"version", std::string(version())}}, .value = 1});
  return out;
}

std::string metrics_text(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& each : families) {
    if (each.samples.empty()) continue;
    out += "# HELP " + each.name + ' ';
    append_escaped(out, each.help, false);
    out += "\n# TYPE " + each.name + ' ';
    out += type_name(each.type);
    out += '\n';
    for (const MetricSample& sample : each.samples) append_sample(out, each, sample);
  }
  return out;
}

}  // namespace am::kernel
