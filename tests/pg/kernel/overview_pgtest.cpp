// What the overview reads of a ledger that one job has filled.

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "am/kernel/duty.hpp"
#include "am/kernel/overview.hpp"
#include "support/pg.hpp"

namespace am::test {
namespace {

TEST(Overview, RunsOfOneJobHideNoneOfAnother) {
  const TestDb home;
  const auto db = home.open();
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, attempt, version, started_at, finished_at) "
      "SELECT gen_random_uuid(), 'noisy_v1', n::text, 'failed', 1, 'x', clock_timestamp(), clock_timestamp() "
      "FROM generate_series(1, 600) n");
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, attempt, version, started_at, finished_at) VALUES "
      "(gen_random_uuid(), 'weekly_pick_v1', '2026-01-26', 'failed', 3, 'x', "
      "clock_timestamp() - interval '2 minutes', clock_timestamp() - interval '1 minute')");
  const std::vector<kernel::OpenRun> open = kernel::open_runs(db->query(kernel::open_runs_statement().sql));
  const auto of_job = [&](const std::string& job) {
    return std::ranges::count(open, job, &kernel::OpenRun::job);
  };
  EXPECT_EQ(of_job("noisy_v1"), 500);
  EXPECT_EQ(of_job("weekly_pick_v1"), 1);

  kernel::Duty duty;
  duty.job = "weekly_pick_v1";
  duty.slot = "2026-01-26";
  const Instant now = std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now());
  duty.due_at = now - std::chrono::hours(1);
  const kernel::Standing standing = kernel::standings({{duty}}, open, now).at(0);
  EXPECT_EQ(standing.readiness, kernel::Readiness::waiting) << "it rests after its third failure";
}

TEST(Overview, WhoRunsAndWhoIsGone) {
  const TestDb home;
  const auto db = home.open();
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, attempt, version, started_at, lease_until) VALUES "
      "(gen_random_uuid(), 'a_v1', 'live', 'running', 1, 'x', clock_timestamp(), clock_timestamp() + interval '1 h'), "
      "(gen_random_uuid(), 'a_v1', 'over', 'running', 1, 'x', clock_timestamp(), clock_timestamp() - interval '1 h')");
  for (const kernel::OpenRun& run : kernel::open_runs(db->query(kernel::open_runs_statement().sql)))
    EXPECT_EQ(run.is_held(), run.slot == "live") << run.slot;
}

TEST(Overview, OfManyRunsThatAreDoneOnlyTheLatestAreRead) {
  const TestDb home;
  const auto db = home.open();
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, attempt, version, started_at, finished_at) "
      "SELECT gen_random_uuid(), 'job' || n % 3, n::text, 'done', 1, 'x', t, t + interval '5 s' "
      "FROM generate_series(1, 6000) n, LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 minute') m(t)");
  db->query("UPDATE ops.runs SET status = 'running', finished_at = NULL WHERE slot = '6000'");
  db->query(
      "UPDATE ops.runs SET status = 'failed', error = '{\"message\": \"no\"}' WHERE slot IN ('5999', '5996')");
  db->query("ANALYZE ops.runs");

  const kernel::Statement asked = kernel::job_states_statement();
  const std::vector<kernel::JobState> jobs = kernel::job_states(db->query(asked.sql));
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[0].job, "job0");
  EXPECT_EQ(jobs[0].slot, "6000");
  EXPECT_EQ(jobs[0].status, "running");
  EXPECT_EQ(jobs[0].open, (std::map<std::string, long long>{{"running", 1}}));
  EXPECT_EQ(jobs[0].last_success, parse_rfc3339("2026-01-05T03:57:05Z")) << "of slot 5997";
  EXPECT_EQ(jobs[0].last_duration, std::chrono::seconds(5));
  EXPECT_EQ(jobs[2].slot, "5999");
  EXPECT_EQ(jobs[2].error, "no");
  EXPECT_EQ(jobs[2].open, (std::map<std::string, long long>{{"failed", 2}}));
  EXPECT_EQ(jobs[2].last_success, parse_rfc3339("2026-01-05T03:53:05Z")) << "of slot 5993";
  EXPECT_EQ(jobs[1].open.size(), 0U);

  for (const kernel::Statement& each : {asked, kernel::open_runs_statement()}) {
    std::string plan;
    const kernel::Rows rows = db->query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + each.sql);
    for (const kernel::Row row : rows) plan += row.text("QUERY PLAN") + "\n";
    EXPECT_EQ(plan.find("Seq Scan on runs"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("rows=6000"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("rows=2000"), std::string::npos) << plan;
  }
}

}  // namespace
}  // namespace am::test
