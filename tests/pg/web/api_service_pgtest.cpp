// /health, /livez, /readyz and /metrics with a database, with a wrong schema, and without any.

#include "am/kernel/ledger.hpp"
#include "am/kernel/metrics.hpp"
#include "am/kernel/version.hpp"
#include "api_fixture.hpp"

namespace am::web {
namespace {

class ApiService : public ApiTest {
 protected:
  static std::unique_ptr<kernel::SnapshotReader> nowhere() {
    return open("postgresql://am@127.0.0.1:1/am");  // nobody listens on port 1
  }
  void add_runs() {
    run("INSERT INTO ops.runs (id, job, slot, status, attempt, version, started_at, finished_at, not_before, error) "
        "VALUES "
        "('00000000-0000-7000-8000-000000000001', 'weekly_pick_v1', '2026-01-26', 'done', 1, 'x', "
        "'2026-01-26T14:00:00Z', '2026-01-26T14:00:02.5Z', NULL, NULL), "
        "('00000000-0000-7000-8000-000000000002', 'weekly_pick_v1', '2026-02-02', 'deferred', 3, 'x', "
        "'2026-02-02T14:00:00Z', '2026-02-02T14:00:01Z', '2026-02-02T15:00:00Z', '{\"message\": \"spent\"}'), "
        "('00000000-0000-7000-8000-000000000003', 'daily_checkpoint_v1', 'b:1', 'running', 1, 'x', "
        "'2026-02-02T15:00:00Z', NULL, NULL, NULL)");
  }
  std::vector<kernel::JobState> job_states() {
    return kernel::job_states(reader_->read({kernel::job_states_statement()}).front());
  }
  std::vector<kernel::BudgetState> budget_states(const std::vector<kernel::RateLimit>& limits) {
    return kernel::budget_states(reader_->read({kernel::budget_states_statement(limits)}).front(), limits);
  }
  void expect_line(const std::string& text, const std::string& line) {
    EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << "\nin\n" << text;
  }
};

TEST_F(ApiService, IsHealthyWhenTheDatabaseAnswers) {
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(body("/health"), "{\"ok\":true,\"db_ok\":true}\n");
  EXPECT_EQ(body("/livez"), "{\"ok\":true}\n");
  EXPECT_EQ(body("/readyz"), "{\"ready\":true,\"database\":true,\"schema\":true}\n");
  EXPECT_EQ(body("/openapi.json"), openapi_json(test::picks_router()));
}

TEST_F(ApiService, SaysWhichPartIsMissingWithoutADatabase) {
  const auto reader = nowhere();
  const Document health = get("/health", *reader);
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, "{\"ok\":false,\"db_ok\":false}\n");
  const Document ready = get("/readyz", *reader);
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(
      ready.body,
      "{\"ready\":false,\"database\":false,\"schema\":false,\"message\":\"the database does not answer\"}\n");
  EXPECT_EQ(get("/livez", *reader).status, 200);
  EXPECT_EQ(get("/latest", *reader).status, 503);
}

TEST_F(ApiService, IsNotReadyWithAnotherSchema) {
  run("UPDATE schema_migrations SET version = version - 1");
  const Document behind = get("/readyz");
  EXPECT_EQ(behind.status, 503);
  EXPECT_TRUE(
      behind.body.starts_with("{\"ready\":false,\"database\":true,\"schema\":false,\"message\":"
                              "\"database schema: at version "))
      << behind.body;
  run("UPDATE schema_migrations SET version = version + 2");
  EXPECT_NE(body("/readyz").find("a newer am"), std::string::npos);
  run("DROP TABLE schema_migrations");
  EXPECT_NE(body("/readyz").find("database schema: none"), std::string::npos);
  EXPECT_EQ(get("/health").status, 200);
}

TEST_F(ApiService, MetricsCountWhatIsStored) {
  add_runs();
  run("INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES "
      "('00000000-0000-7000-8000-00000000000a', '2026-01-26', 690.10, 'active')");
  run("INSERT INTO ops.rate_limits VALUES ('alpha_vantage', '2999-01-01T00:00:00Z', '429'), ('other', NULL, NULL)");
  run("INSERT INTO ops.rate_slots (key, reserved_until, used_at) SELECT k, now() + interval '1 minute', u FROM (VALUES "
      "('alpha_vantage', now() - interval '10 seconds'), ('alpha_vantage', now() + interval '40 seconds'), "
      "('alpha_vantage', now() - interval '1 hour'), ('alpha_vantage', now() - interval '2 days'), "
      "('alpha_vantage', NULL), ('other', now())) v(k, u)");
  const Document metrics = get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (
      const char* line :
      {"am_database_up 1", "am_batches{status=\"active\"} 1", "am_batches{status=\"completed\"} 0",
       "am_checkpoints{status=\"skipped\"} 0",
       "am_job_last_success_timestamp_seconds{workflow=\"weekly_pick_v1\",job=\"weekly_pick_v1\"} 1769436002.5",
       "am_job_last_duration_seconds{workflow=\"weekly_pick_v1\",job=\"weekly_pick_v1\"} 1",
       "am_job_attempts{workflow=\"weekly_pick_v1\",job=\"weekly_pick_v1\"} 3",
       "am_job_attempts{workflow=\"daily_checkpoint_v1\",job=\"daily_checkpoint_v1\"} 1",
       "am_job_due{workflow=\"weekly_pick_v1\",job=\"weekly_pick_v1\"} 1",
       "am_job_due{workflow=\"daily_checkpoint_v1\",job=\"daily_checkpoint_v1\"} 14",
       "am_job_next_due_timestamp_seconds{workflow=\"weekly_pick_v1\",job=\"weekly_pick_v1\"} 1771250400",
       "am_rate_limit_used{key=\"alpha_vantage\",window=\"1min\"} 3",
       "am_rate_limit_used{key=\"alpha_vantage\",window=\"1day\"} 4",
       "am_rate_limit_limit{key=\"alpha_vantage\",window=\"1day\"} 500",
       "am_rate_limit_paused_until_timestamp_seconds{key=\"alpha_vantage\"} 32472144000",
       "am_http_requests_total{route=\"/latest\",status=\"200\"} 3"})
    expect_line(metrics.body, line);
  EXPECT_EQ(metrics.body.find("am_job_next_due_timestamp_seconds{workflow=\"daily"), std::string::npos)
      << "no day is to come";
  expect_line(metrics.body, "am_build_info{version=\"" + std::string(kernel::version()) + "\"} 1");
}

TEST_F(ApiService, MetricsOfTheServerStayWhenTheDatabaseIsAway) {
  const auto reader = nowhere();
  const Document metrics = get("/metrics", *reader);
  EXPECT_EQ(metrics.status, 200);
  expect_line(metrics.body, "am_database_up 0");
  expect_line(metrics.body, "am_http_requests_total{route=\"/latest\",status=\"200\"} 3");
  EXPECT_EQ(metrics.body.find("am_batches"), std::string::npos);
}

TEST_F(ApiService, JobStatesTellHowTheLatestRunStands) {
  EXPECT_TRUE(job_states().empty());
  add_runs();
  const std::vector<kernel::JobState> jobs = job_states();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].job, "daily_checkpoint_v1");
  EXPECT_EQ(jobs[0].status, "running");
  EXPECT_FALSE(jobs[0].last_success || jobs[0].last_duration || jobs[0].finished_at);
  const kernel::JobState& weekly = jobs[1];
  EXPECT_EQ(weekly.open, (std::map<std::string, long long>{{"deferred", 1}}));
  EXPECT_EQ(format_rfc3339(*weekly.last_success), "2026-01-26T14:00:02.5Z");
  EXPECT_EQ(weekly.slot, "2026-02-02");
  EXPECT_EQ(weekly.status, "deferred");
  EXPECT_EQ(weekly.attempts, 3);
  EXPECT_EQ(weekly.error, "spent");
  EXPECT_EQ(format_rfc3339(*weekly.not_before), "2026-02-02T15:00:00Z");
}

TEST_F(ApiService, BudgetStatesCountAsTheLimiterDoes) {
  const kernel::Stop stop;
  kernel::RateLimiter limiter(*db_, stop, limits_);
  const std::vector<long long> slots = limiter.reserve("alpha_vantage", 3, std::chrono::milliseconds(0));
  limiter.use(slots.at(0), std::chrono::seconds(1));
  limiter.release({slots.at(1)});
  limiter.pause("alpha_vantage", std::chrono::hours(1), "429");
  const std::vector<kernel::BudgetState> budgets = budget_states(limits_);
  const kernel::RateStatus status = limiter.status("alpha_vantage");
  ASSERT_EQ(budgets.size(), 1U);
  ASSERT_EQ(budgets[0].windows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(budgets[0].windows[i].used, status.used[i]);
  EXPECT_EQ(budgets[0].windows[0].used, 2);
  EXPECT_EQ(budgets[0].paused_until, status.paused_until);
  EXPECT_EQ(budgets[0].pause_reason, "429");
  limiter.resume("alpha_vantage");
  EXPECT_FALSE(budget_states(limits_)[0].paused_until);
  EXPECT_TRUE(budget_states({}).empty());
}

}  // namespace
}  // namespace am::web
