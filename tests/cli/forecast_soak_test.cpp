// Real workers with real models that are killed at any moment: each job is done once, and what they leave is, bit for bit,
// what undisturbed ones leave. The sizes are the environment's: small here, those of `make soak` (scripts/soak) large.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "am/forecast/jobs.hpp"
#include "support/am_process.hpp"
#include "support/forecast_rows.hpp"
#include "support/soak.hpp"

namespace am::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class ForecastSoak : public testing::Test {
 protected:
  static constexpr Date kFirst{2016, 1, 1};
  static constexpr int kKnown = 30;       ///< days of each series before its first job
  static constexpr int kRange = 9;        ///< days that a job asks for
  static constexpr int kUndisturbed = 2;  ///< workers
  static constexpr int kSmallest = 3;     ///< and the least of them

  /// Series of a season and a trend, and their jobs: each from other days, their ranges over each other.
  void queue_jobs(kernel::Db& db) const {
    db.query(
        "INSERT INTO forecast.series (name, horizon, revision, created_at) SELECT 's' || n, 7, 1, clock_timestamp() "
        "FROM generate_series(1, $1::integer) AS n",
        kernel::sql_values(series_));
    db.query(
        "INSERT INTO forecast.observations_daily SELECT 's' || n, $2::date + t, 100 + n + 0.1 * t + 9 * sin(t * 6.2831853 "
        "/ 7) + (t * 7919 + n * 104729) % 13 FROM generate_series(1, $1::integer) AS n, generate_series(0, $3::integer) AS t",
        kernel::sql_values(series_, kFirst, kKnown + jobs_ / series_));
    kernel::PgQueue queue(db, forecast::jobs_queue());
    const Instant now{(kFirst + 10000).days()};
    db.transact([&](kernel::Transaction& tx) {
      for (int i = 0; i < jobs_; ++i) {
        const Date from = kFirst + kKnown + i / series_;
        const int days = kSmallest + i % (kRange - kSmallest + 1);
        forecast::enqueue_job(tx, queue,
                              {.series = "s" + std::to_string(i % series_ + 1),
                               .from = from,
                               .to = from + (days - 1),
                               .priority = i % 4},
                              now);
      }
    });
    if (!waits_for_leases_) db.query("UPDATE jobs.forecast_jobs SET max_attempts = 1000");
    // How often each came to its end.
    db.query("CREATE TABLE public.ends (job bigint NOT NULL)");
    db.query(
        "CREATE FUNCTION public.note_end() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO public.ends VALUES (NEW.id); RETURN NEW; END'");
    db.query(
        "CREATE TRIGGER note_end AFTER UPDATE ON jobs.forecast_jobs FOR EACH ROW WHEN (NEW.status = 'done') "
        "EXECUTE FUNCTION public.note_end()");
  }

  std::unique_ptr<Process> start(const TestDb& home, const std::vector<std::string>& options) const {
    std::vector<std::string> words = {"forecast", "work"};
    words.insert(words.end(), options.begin(), options.end());
    return std::make_unique<Process>(am_command(words),
                                     ProcessOptions{.env = {{"PATH", "/usr/bin:/bin"},
                                                            {"DATABASE_URL", home.url()},
                                                            {"AM_DESKS_ENABLED", "forecast"},
                                                            {"LOG_LEVEL", "error"},
                                                            {"POLL_INTERVAL", "1"}},
                                                    .stdout_to = "/dev/null",
                                                    .stderr_to = "/dev/null"});
  }

  static bool is_open(kernel::Db& db) {
    return value_of(db,
                    "SELECT EXISTS (SELECT FROM jobs.forecast_jobs WHERE status IN ('queued', 'running'))") ==
           "t";
  }

  const int workers_ = size_of("AM_SOAK_WORKERS", 3);
  const int series_ = size_of("AM_SOAK_SERIES", 3);
  const int jobs_ = size_of("AM_SOAK_JOBS", 36);
  const milliseconds kill_every_{size_of("AM_SOAK_KILL_EVERY_MS", 100)};
  /// Jobs of the dead are ready when their leases end; without, at once.
  const bool waits_for_leases_ = size_of("AM_SOAK_WAIT_FOR_LEASES", 0) != 0;
};

TEST_F(ForecastSoak, WorkersThatAreKilledLeaveWhatUndisturbedOnesLeave) {
  const TestDb calm_home, home;
  const auto calm = calm_home.open(), db = home.open();
  queue_jobs(*calm);
  queue_jobs(*db);
  const auto begun = steady_clock::now();
  std::vector<std::unique_ptr<Process>> workers;
  for (int i = 0; i < kUndisturbed; ++i) workers.push_back(start(calm_home, {}));
  for (const auto& worker : workers) EXPECT_EQ(worker->wait(std::chrono::hours(1)).exit, 0);
  workers.clear();
  const auto calm_ended = steady_clock::now();

  for (int i = 0; i < workers_; ++i) workers.push_back(start(home, {"--watch"}));
  std::minstd_rand random(7);
  std::vector<kernel::SqlValue> dead;
  while (is_open(*db)) {
    std::this_thread::sleep_for(kill_every_);
    auto& victim = workers[std::uniform_int_distribution<std::size_t>(0, workers.size() - 1)(random)];
    victim->signal(SIGKILL);
    dead.push_back(kernel::sql_value(static_cast<long long>(victim->pid())));
    EXPECT_EQ(victim->wait().signal, SIGKILL);
    victim = start(home, {"--watch"});
    if (waits_for_leases_) continue;
    db->query(
        "UPDATE jobs.forecast_jobs SET ready_at = clock_timestamp() WHERE status = 'running' AND holder ->> 'pid' = "
        "ANY ($1::text[])",
        kernel::sql_values(kernel::sql_array(dead)));
  }
  const auto ended = steady_clock::now();
  for (const auto& worker : workers) {
    EXPECT_TRUE(wait_until_signals_are_handled(*worker));
    worker->signal(SIGTERM);
    EXPECT_EQ(worker->wait().exit, 0);
  }

  const std::string all = std::to_string(jobs_);
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM jobs.forecast_jobs WHERE status = 'done'"), all);
  EXPECT_EQ(value_of(*db, "SELECT count(*) || ' ' || count(DISTINCT job) FROM public.ends"), all + " " + all);
  const std::string expected = dump_forecast(*calm), got = dump_forecast(*db);
  const auto differs = std::ranges::mismatch(expected, got);
  EXPECT_TRUE(expected == got) << "from " << std::string(differs.in1, expected.end()).substr(0, 300)
                               << "\ninstead " << std::string(differs.in2, got.end()).substr(0, 300);
  EXPECT_GE(dead.size(), 1U);
  const auto seconds = [](auto duration) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count()) + " ms";
  };
  RecordProperty("undisturbed", seconds(calm_ended - begun));
  RecordProperty("disturbed", seconds(ended - calm_ended));
  RecordProperty("killed", static_cast<int>(dead.size()));
  RecordProperty("again", value_of(*db, "SELECT sum(attempts - 1) FROM jobs.forecast_jobs"));
  RecordProperty("most_attempts", value_of(*db, "SELECT max(attempts) FROM jobs.forecast_jobs"));
  RecordProperty("predictions", value_of(*db, "SELECT count(*) FROM forecast.predictions_daily"));
  RecordProperty("history", value_of(*db, "SELECT count(*) FROM forecast.prediction_history"));
  RecordProperty("totals", value_of(*db, "SELECT count(*) FROM forecast.prediction_totals"));
}

}  // namespace
}  // namespace am::test
