// `am feed work` as a process, beside the supplier's stand-in: asked to end, told how much to do, refused.

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "feed_work_bed.hpp"

namespace am::test {
namespace {

using FeedWork = FeedWorkBed;

TEST_F(FeedWork, AskedToEndItGivesBackAndGoesOnWhereItWas) {
  plan();
  Process worker(am_command({"feed", "work", "--parallel", "2"}), {.env = env()});
  ASSERT_TRUE(wait_until(*db_, "SELECT count(*) > 4 FROM feed.pages"));
  worker.signal(SIGTERM);
  const Finished ended = worker.wait();
  EXPECT_EQ(ended.exit, 143) << ended.err;
  EXPECT_EQ(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'running' OR attempts > 1"),
            "0");
  const std::string before = value("SELECT count(*) FROM feed.pages");
  EXPECT_NE(before, "0");

  const Finished rest = am({"feed", "work", "--max-partitions", "1"}, env());
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_NE(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'queued'"), "0");
  const Finished last = am({"feed", "work", "--parallel", "3"}, env());
  EXPECT_EQ(last.exit, 0) << last.err;
  EXPECT_EQ(value("SELECT concat(status, ' ', completed_workers) FROM feed.run_metadata"), "settled 3");
  EXPECT_EQ(value("SELECT count(*) FROM feed.raw_diamonds_nivoda"), "900");
  EXPECT_EQ(am({"feed", "work"}, env()).out, "no partition is ready\n");
  EXPECT_EQ(standin_.counters().logins, 1);
  // At most the page under way of each of the two is asked for again.
  EXPECT_LE(standin_.counters().page_requests, std::stoll(value("SELECT count(*) FROM feed.pages")) + 2);
  for (const std::string& said : {ended.err, ended.out, rest.err, last.err, last.out})
    EXPECT_EQ(said.find(Standin::kTokenPrefix), std::string::npos);
}

TEST_F(FeedWork, ARefusedLoginIs77AndNoAttempt) {
  plan();
  for (int i = 0; i < 3; ++i) {
    const Finished refused = am({"feed", "work", "--parallel", "4"}, env("wrong horse"));
    EXPECT_EQ(refused.exit, 77) << refused.err;
    EXPECT_EQ(refused.err.find("wrong horse"), std::string::npos);
  }
  EXPECT_LE(standin_.counters().login_requests, 2);
  EXPECT_EQ(value("SELECT DISTINCT concat(status, ' ', attempts) FROM feed.partition_progress"), "queued 0");
}

TEST_F(FeedWork, WhoWatchesOutlastsADatabaseThatIsAway) {
  plan();
  std::vector<std::string> grants = {"SELECT ON ALL TABLES IN SCHEMA public"};
  for (const std::string schema : {"feed", "ops"})
    for (const std::string what :
         {"ALL ON SCHEMA ", "ALL ON ALL TABLES IN SCHEMA ", "ALL ON ALL SEQUENCES IN SCHEMA "})
      grants.push_back(what + schema);
  const std::string role = home_.create_role(grants);
  auto watching = env();
  watching["DATABASE_URL"] = home_.url_as(role);
  watching["FEED_POLL_INTERVAL"] = "1";
  const std::string log = files_.file("log", "");
  Process worker(am_command({"feed", "work", "--watch", "--log-format", "json"}),
                 {.env = watching, .stderr_to = log});
  const auto said = [&log] {
    std::ifstream file(log);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  ASSERT_TRUE(wait_until(*db_, "SELECT count(*) > 2 FROM feed.pages")) << said();
  db_->query("ALTER ROLE " + role + " CONNECTION LIMIT 0");
  db_->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
             kernel::sql_values(role));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (said().find("work was broken off") == std::string::npos && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_NE(said().find("work was broken off"), std::string::npos) << said();
  db_->query("ALTER ROLE " + role + " CONNECTION LIMIT -1");
  db_->query(
      "UPDATE feed.partition_progress SET ready_at = clock_timestamp() WHERE status IN ('queued', 'running')");
  EXPECT_TRUE(wait_until(*db_, "SELECT status = 'settled' FROM feed.run_metadata")) << said();
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait().exit, 0) << said();
  EXPECT_EQ(value("SELECT count(*) FROM feed.raw_diamonds_nivoda"), "900");
}

TEST_F(FeedWork, SaysWhatIsNotConfigured) {
  auto bare = env();
  bare["NIVODA_USERNAME"] = "";
  EXPECT_EQ(am({"feed", "work"}, bare).exit, 78);
  EXPECT_EQ(am({"feed", "work", "--queue", "carrier-pigeon"}, env()).exit, 64);
  const Finished amqp = am({"feed", "work", "--queue", "amqp"}, env());
  EXPECT_EQ(amqp.exit, 78);
  EXPECT_NE(amqp.err.find("AZURE_SERVICE_BUS_CONNECTION_STRING"), std::string::npos) << amqp.err;
}

}  // namespace
}  // namespace am::test
