// A worker that waits for work outlives its database; and one of twenty years of days is small.

#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "support/am_process.hpp"

namespace am::test {
namespace {

class ForecastAway : public testing::Test {
 protected:
  std::map<std::string, std::string> env(const std::string& url) const {
    return {{"PATH", "/usr/bin:/bin"},
            {"DATABASE_URL", url},
            {"AM_DESKS_ENABLED", "forecast"},
            {"LOG_LEVEL", "warn"},
            {"POLL_INTERVAL", "1"}};
  }
  void add_series(int days) const {
    db_->query(
        "INSERT INTO forecast.series (name, revision, created_at) VALUES ('rides', 1, clock_timestamp())");
    db_->query(
        "INSERT INTO forecast.observations_daily SELECT 'rides', date '2015-12-31' - t, 100 + 20 * cos(t / 58.13) + (t * "
        "7919) % 13 + 5 * (t % 7) FROM generate_series(0, $1::integer - 1) AS t",
        kernel::sql_values(days));
  }

  const TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
};

TEST_F(ForecastAway, AWatchingWorkerGoesOnWhenTheDatabaseIsBack) {
  add_series(60);
  // The way to the server: a link to the directory of its socket.
  const std::string url = home_.url();
  const std::size_t at = url.find("host=") + 5;
  const std::string socket = url.substr(at, url.find('&', at) - at);
  const Directory ways;
  const std::filesystem::path way = ways.path() / "way";
  std::filesystem::create_directory_symlink(socket, way);
  const std::string by_way = std::string(url).replace(at, socket.size(), way.string());
  Process worker(am_command({"forecast", "work", "--watch"}), {.env = env(by_way)});
  EXPECT_TRUE(wait_until(*db_,
                         "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                         "application_name LIKE 'am%' AND query LIKE '%picked%' AND state = 'idle')"));
  std::filesystem::remove(way);
  home_.end_connections();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // it looks again in vain
  std::filesystem::create_directory_symlink(socket, way);
  EXPECT_EQ(am({"forecast", "enqueue", "--series", "rides", "--from", "2016-01-01", "--to", "2016-01-07"},
               env(home_.url()))
                .exit,
            0);
  const auto again = home_.open();
  EXPECT_TRUE(wait_until(*again, "SELECT status = 'done' FROM jobs.forecast_jobs"));
  worker.signal(SIGTERM);
  const Finished ended = worker.wait();
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_NE(ended.err.find("the database is away"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "1 done\n");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// What a sanitized process takes says nothing.
TEST_F(ForecastAway, TwentyYearsOfDaysFitIntoASmallWorker) {
  add_series(7305);
  EXPECT_EQ(am({"forecast", "enqueue", "--series", "rides", "--from", "2016-01-01", "--to", "2016-01-28"},
               env(home_.url()))
                .exit,
            0);
  EXPECT_EQ(am({"forecast", "work"}, env(home_.url())).exit, 0);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM forecast.predictions_daily"), "28");
  rusage used{};
  ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &used), 0);
  EXPECT_LT(used.ru_maxrss, 64 * 1024);  // kB of the largest of them; 19 MB
}
#endif

}  // namespace
}  // namespace am::test
