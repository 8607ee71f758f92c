#include "am/kernel/metrics.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "am/kernel/version.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;

Instant at(std::string_view text) { return *parse_rfc3339(text); }

TEST(MetricsText, WritesHelpTypeAndSamples) {
  EXPECT_EQ(
      metrics_text({{.name = "am_x",
                     .help = "A \\ and\na \"line\".",
                     .type = MetricType::counter,
                     .samples = {{.labels = {{"a", "q\"b\\c\nd"}, {"b", ""}}, .value = 12345678901234},
                                 {.labels = {}, .value = 0.0015}}},
                    {.name = "am_none", .help = "Left out.", .type = MetricType::gauge, .samples = {}}}),
      "# HELP am_x A \\\\ and\\na \"line\".\n"
      "# TYPE am_x counter\n"
      "am_x{a=\"q\\\"b\\\\c\\nd\",b=\"\"} 12345678901234\n"
      "am_x 0.0015\n");
}

TEST(MetricsText, HasNoControlThatATerminalWouldObey) {
  const std::string text =
      metrics_text({{.name = "am_x",
                     .help = "a\u0085b",
                     .type = MetricType::gauge,
                     .samples = {{.labels = {{"a", "c\u009bd\x1b\x7f é"}}, .value = 1}}}});
  EXPECT_EQ(text, "# HELP am_x a b\n# TYPE am_x gauge\nam_x{a=\"c?d?? é\"} 1\n");
}

TEST(MetricsText, WritesNumbersThatAreNone) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto shown = [](double value) {
    return metrics_text(
        {{.name = "x", .help = "h", .type = MetricType::gauge, .samples = {{.labels = {}, .value = value}}}});
  };
  EXPECT_TRUE(shown(inf).ends_with("x +Inf\n"));
  EXPECT_TRUE(shown(-inf).ends_with("x -Inf\n"));
  EXPECT_TRUE(shown(std::numeric_limits<double>::quiet_NaN()).ends_with("x NaN\n"));
}

TEST(MetricsText, WritesJobs) {
  const std::vector<JobState> jobs = {
      {.job = "weekly",
       .open = {{"deferred", 3}, {"failed", 1}},
       .last_success = at("2026-01-26T14:00:00.25Z"),
       .last_duration = std::chrono::microseconds(1500000),
       .slot = "2026-02-02",
       .status = "failed",
       .attempts = 2},
      {.job = "new", .open = {{"running", 1}}, .slot = "a", .status = "running", .attempts = 1}};
  const std::string text = metrics_text(job_metrics(jobs));
  EXPECT_NE(
      text.find(
          "\nam_job_last_success_timestamp_seconds{workflow=\"weekly\",job=\"weekly\"} 1769436000.25\n"),
      std::string::npos);
  EXPECT_EQ(text.find("am_job_last_success_timestamp_seconds{workflow=\"new\",job=\"new\"}"),
            std::string::npos)
      << "never";
  EXPECT_NE(text.find("\nam_job_runs{workflow=\"weekly\",job=\"weekly\",status=\"failed\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("\nam_job_last_duration_seconds{workflow=\"weekly\",job=\"weekly\"} 1.5\n"),
            std::string::npos);
  EXPECT_NE(
      text.find(
          "\nam_job_attempts{workflow=\"weekly\",job=\"weekly\"} 2\nam_job_attempts{workflow=\"new\",job=\"new\"} 1\n"),
      std::string::npos);
}

TEST(MetricsText, WritesQueues) {
  const std::vector<QueueState> queues = {{.queue = "forecasts",
                                           .ready = 10000,
                                           .later = 2,
                                           .running = 3,
                                           .dead = 4,
                                           .failed = 5,
                                           .oldest_ready = at("2026-01-26T14:00:00Z")},
                                          {.queue = "empty", .oldest_ready = {}}};
  const std::string text = metrics_text(queue_metrics(queues));
  for (const char* line : {"am_queue_items{queue=\"forecasts\",state=\"ready\"} 10000",
                           "am_queue_items{queue=\"forecasts\",state=\"later\"} 2",
                           "am_queue_items{queue=\"forecasts\",state=\"running\"} 3",
                           "am_queue_items{queue=\"forecasts\",state=\"dead\"} 4",
                           "am_queue_items{queue=\"forecasts\",state=\"failed\"} 5",
                           "am_queue_items{queue=\"empty\",state=\"ready\"} 0",
                           "am_queue_oldest_ready_timestamp_seconds{queue=\"forecasts\"} 1769436000"})
    EXPECT_NE(text.find("\n" + std::string(line) + "\n"), std::string::npos) << line;
  EXPECT_EQ(text.find("seconds{queue=\"empty\""), std::string::npos) << "nothing is ready";
  EXPECT_EQ(metrics_text(queue_metrics({})), "") << "an installation without a queue hears of none";
}

TEST(MetricsText, WritesBudgets) {
  const std::vector<BudgetState> budgets = {
      {.key = "av",
       .windows = {{.limit = 5, .period = std::chrono::minutes(1), .used = 2},
                   {.limit = 500, .period = std::chrono::hours(24), .used = 40}},
       .paused_until = at("2026-01-26T14:00:00Z"),
       .pause_reason = "429"},
      {.key = "free", .windows = {}, .paused_until = {}, .pause_reason = ""}};
  const std::string text = metrics_text(budget_metrics(budgets));
  EXPECT_NE(text.find("\nam_rate_limit_used{key=\"av\",window=\"1min\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("\nam_rate_limit_limit{key=\"av\",window=\"1day\"} 500\n"), std::string::npos);
  EXPECT_NE(text.find("\nam_rate_limit_paused_until_timestamp_seconds{key=\"av\"} 1769436000\n"),
            std::string::npos);
  EXPECT_NE(text.find("\nam_rate_limit_paused_until_timestamp_seconds{key=\"free\"} 0\n"), std::string::npos);
}

TEST(MetricsText, WritesAServersCountsWithAWholeHistogram) {
  ServerStats stats;
  stats.requests = {{{"/latest", 200}, 7}, {{"", 404}, 1}};
  stats.durations = {{0.001, 6}, {0.1, 8}, {std::numeric_limits<double>::infinity(), 8}};
  stats.duration_sum_s = 0.25;
  stats.duration_count = 8;
  stats.bytes = 1000;
  stats.open = 2;
  const std::string text = metrics_text(server_metrics(stats));
  EXPECT_NE(text.find("\nam_http_requests_total{route=\"/latest\",status=\"200\"} 7\n"), std::string::npos);
  EXPECT_NE(text.find("# TYPE am_http_request_duration_seconds histogram\n"
                      "am_http_request_duration_seconds_bucket{le=\"0.001\"} 6\n"
                      "am_http_request_duration_seconds_bucket{le=\"0.1\"} 8\n"
                      "am_http_request_duration_seconds_bucket{le=\"+Inf\"} 8\n"
                      "am_http_request_duration_seconds_sum 0.25\n"
                      "am_http_request_duration_seconds_count 8\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nam_http_response_bytes_total 1000\n"), std::string::npos);
  EXPECT_NE(text.find("\nam_http_connections_open 2\n"), std::string::npos);
}

TEST(MetricsText, SaysWhichBuildItIs) {
  EXPECT_EQ(metrics_text({build_metric()}),
            "# HELP am_build_info The running program; always 1.\n# TYPE am_build_info gauge\n"
            "am_build_info{version=\"" +
                std::string(version()) + "\"} 1\n");
}

TEST(PeriodText, TakesTheLargestUnit) {
  EXPECT_EQ(period_text(std::chrono::seconds(1)), "1s");
  EXPECT_EQ(period_text(std::chrono::minutes(1)), "1min");
  EXPECT_EQ(period_text(std::chrono::minutes(90)), "90min");
  EXPECT_EQ(period_text(std::chrono::hours(24)), "1day");
  EXPECT_EQ(period_text(milliseconds(1500)), "1500ms");
  EXPECT_EQ(period_text(milliseconds(0)), "0ms");
}

}  // namespace
}  // namespace am::kernel
