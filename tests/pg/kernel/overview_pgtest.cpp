// What the overview reads of a ledger that one job has filled.

#include <algorithm>

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

}  // namespace
}  // namespace am::test
