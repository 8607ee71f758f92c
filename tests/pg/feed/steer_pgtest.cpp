// What people do with runs: retry, cancel, being told.

#include <array>

#include <gmock/gmock.h>

#include "am/feed/progress.hpp"
#include "am/feed/steer.hpp"
#include "run_bed.hpp"
#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::feed {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class FeedSteer : public FeedRunTest {
 protected:
  RetryResult retry(std::optional<int> number = {}, std::optional<std::string> partition = {}) {
    return retry_run(*db_, {.feed = "nivoda",
                            .run = number ? std::optional(run_number(*number)) : std::nullopt,
                            .partition = std::move(partition)});
  }
  Error retry_error(int number, std::optional<std::string> partition = {}) {
    return test::error_of([&] { retry(number, std::move(partition)); });
  }
  /// status attempts next_offset, of each partition from this one on.
  std::string partitions(int from = 1) {
    return value(
        "SELECT string_agg(concat_ws(' ', status, attempts, next_offset), ', ' ORDER BY id) FROM feed.partition_progress "
        "WHERE partition_id >= '" +
        partition_number(from) + "'");
  }
  void fail_run() {
    add_run(4);
    set("done", 1, 2);
    set("dead", 3, 3, 1, "no answer");
    set("failed", 4, 4, 1, "not ours");
    settle(*db_, run_number(1));
  }
};

TEST_F(FeedSteer, ARetryQueuesWhatFailedAtItsPage) {
  fail_run();
  EXPECT_EQ(standing(), "failed 2+2/4");
  const RetryResult result = retry();
  EXPECT_EQ(result.run_id, run_number(1));
  EXPECT_EQ(result.queued, 2);
  EXPECT_EQ(standing(), "running 2+0/4");
  EXPECT_EQ(partitions(3), "queued 0 30, queued 0 30");
  EXPECT_EQ(
      value(
          "SELECT string_agg(status || ' ' || records_processed, ', ' ORDER BY partition_id) FROM feed.worker_runs"),
      "completed 100, completed 100, running 30, running 30");
  EXPECT_EQ(value("SELECT error_message IS NULL AND finished_at IS NULL FROM feed.run_metadata"), "t");
}

TEST_F(FeedSteer, ASecondRetryAndOneWhileAWorkerRunsChangeNoCount) {
  fail_run();
  retry();
  set("running", 3, 3);
  const std::string before = partitions();
  const std::string run = standing();
  EXPECT_EQ(retry(1).queued, 0);
  EXPECT_EQ(retry().run_id, "");
  EXPECT_EQ(partitions(), before);
  EXPECT_EQ(standing(), run);
  EXPECT_EQ(value("SELECT count(*) FROM ops.events WHERE kind = 'feed_run_retried'"), "1");
}

TEST_F(FeedSteer, ARunThatWasClosedWithAGapIsOpenedAgain) {
  add_run(10);
  set("done", 1, 9);
  set("failed", 10, 10);
  settle(*db_, run_number(1));
  db_->query("UPDATE feed.run_metadata SET status = 'done', finished_at = clock_timestamp()");
  EXPECT_EQ(retry().queued, 1);
  EXPECT_EQ(standing(), "running 9+0/10");
  set("done", 10, 10);
  EXPECT_TRUE(settle(*db_, run_number(1)).decided);
  EXPECT_EQ(standing(), "settled 10+0/10");
}

TEST_F(FeedSteer, OnePartitionAlsoACancelledOne) {
  fail_run();
  EXPECT_EQ(retry(1, "p-003").queued, 1);
  EXPECT_EQ(partitions(3), "queued 0 30, failed 1 30");
  set("cancelled", 3, 3);
  EXPECT_EQ(retry(1).queued, 1);
  EXPECT_EQ(partitions(3), "cancelled 1 30, queued 0 30");
  EXPECT_EQ(retry(1, "p-003").queued, 1);
  EXPECT_EQ(retry(1, "p-001").queued, 0);  // done
  EXPECT_THAT(retry_error(1, "p-009").message(), HasSubstr("no partition 'p-009'"));
}

TEST_F(FeedSteer, OnlyTheNewestOfItsKind) {
  fail_run();
  add_run(1, 2);
  EXPECT_EQ(retry_error(1).exit_code(), ExitCode::no_input);
  EXPECT_THAT(retry_error(1).message(), HasSubstr("run " + run_number(2) + " has taken its place"));
  EXPECT_EQ(retry().run_id, "");  // the newest full run has no failures
  add_run(1, 3, RunType::incremental);
  set("dead", 1, 1, 3);
  settle(*db_, run_number(3));
  EXPECT_EQ(retry().run_id, run_number(3));
  EXPECT_EQ(retry_error(9).exit_code(), ExitCode::no_input);
}

TEST_F(FeedSteer, WithNothingLeftToRetryAFailedRunIsDecidedAgain) {
  fail_run();
  set("done", 3, 4);  // by am queue retry, and a worker that was killed before it settled
  EXPECT_EQ(retry(1).after.status, RunStatus::settled);
  EXPECT_EQ(standing(), "settled 4+0/4");
}

TEST_F(FeedSteer, ACancelledRunIsNobodys) {
  add_run(3);
  set("done", 1, 1);
  set("running", 2, 2);
  const CancelResult result = cancel_run(*db_, run_number(1), "wrong filter");
  EXPECT_TRUE(result.is_changed);
  EXPECT_EQ(result.cancelled, 2);
  EXPECT_EQ(standing(), "cancelled 1+2/3");
  EXPECT_EQ(value("SELECT error_message FROM feed.run_metadata"), "cancelled: wrong filter");
  kernel::PgQueue queue(*db_, partitions_queue());
  EXPECT_THAT(queue.claim(5), SizeIs(0));
  EXPECT_FALSE(cancel_run(*db_, run_number(1), "").is_changed);
  EXPECT_EQ(retry_error(1).exit_code(), ExitCode::no_input);
  EXPECT_FALSE(settle(*db_, run_number(1)).decided);
  EXPECT_EQ(test::error_of([&] { cancel_run(*db_, run_number(5), ""); }).exit_code(), ExitCode::no_input);
}

class FeedAlerts : public FeedSteer {
 protected:
  long long tell(test::ScriptedHttp& transport, const kernel::MailOptions& mail) {
    kernel::HttpClient http(transport, nullptr, log_, stop_, {.vendor = "resend", .retry = {.attempts = 1}});
    return tell_failures(*db_, http, log_, mail);
  }
  std::ostringstream lines_;
  kernel::Log log_{lines_, {}};
  kernel::Stop stop_;
  const kernel::MailOptions mail_{
      .api_key = "re_key", .base_url = "https://mail.test", .to = "a@b.test", .from = "c@d.test"};
};

TEST_F(FeedAlerts, AFailedRunIsToldOfOncePerDecision) {
  fail_run();
  test::ScriptedHttp http;
  const auto mail = [](const std::string& decision) {
    return [decision](const kernel::HttpRequest& request) {
      for (const auto& [name, value] : request.headers)
        if (name == "Idempotency-Key") return value == "run-failed/" + run_number(1) + "/" + decision;
      return false;
    };
  };
  http.reply_if("the first mail", mail("1"), {.status = 200, .headers = {}, .body = "{}"});
  EXPECT_EQ(tell(http, mail_), 1);
  EXPECT_EQ(tell(http, mail_), 0);
  EXPECT_THAT(http.requests().front().body, HasSubstr("p-003: 30 of 100 stones; no answer"));
  retry();
  set("dead", 3, 4);
  settle(*db_, run_number(1));
  http.reply_if("the second mail", mail("2"), {.status = 200, .headers = {}, .body = "{}"});
  EXPECT_EQ(tell(http, mail_), 1);
}

TEST_F(FeedAlerts, WhatCouldNotBeSentIsToldByTheNext) {
  fail_run();
  test::ScriptedHttp http;
  http.reply("POST", "/emails", {.status = 500, .headers = {}, .body = "{}"});
  EXPECT_EQ(tell(http, mail_), 0);
  EXPECT_EQ(value("SELECT told_decision FROM feed.run_metadata"), "0");
  EXPECT_THAT(lines_.str(), HasSubstr("the alert could not be sent"));
}

TEST_F(FeedAlerts, WithoutAMailerItIsAnErrorInTheLog) {
  fail_run();
  test::ScriptedHttp http;
  EXPECT_EQ(tell(http, {}), 1);
  EXPECT_THAT(lines_.str(), HasSubstr("run " + run_number(1) + " failed, 2 of 4 partitions"));
  EXPECT_EQ(tell(http, {}), 0);
}

using FeedProgress = FeedSteer;

TEST_F(FeedProgress, SaysWhatIsThereHowFastAndWhatIsLeft) {
  add_run(4);
  set("done", 1, 1);
  set("running", 2, 2);
  db_->query(
      "INSERT INTO feed.pages SELECT '" + run_number(1) +
      "', 'p-001', n, n * 30, 30, 30, 0, '{1}', clock_timestamp() - (10 - n) * interval '10 s' FROM generate_series(0, 9) AS n");
  const RunProgress progress = run_progress(*db_, run_number(1));
  EXPECT_EQ(progress.records, 130);
  EXPECT_EQ(progress.pages, 10);
  EXPECT_EQ(progress.queued, 2);
  EXPECT_EQ(progress.running, 1);
  EXPECT_NEAR(progress.percent(), 32.5, 1e-9);
  EXPECT_NEAR(progress.stones_per_second, 3, 0.2);
  ASSERT_TRUE(progress.time_left());
  EXPECT_NEAR(static_cast<double>(progress.time_left()->count()), 90, 8);
  EXPECT_THAT(newest_runs(*db_, "nivoda", 10), SizeIs(1));
  EXPECT_THAT(newest_runs(*db_, "other", 10), SizeIs(0));
  EXPECT_THAT(partitions_of(*db_, run_number(1)), SizeIs(4));
  set("dead", 4, 4, 1, "no answer");
  ASSERT_THAT(dead_letters(*db_, "nivoda", {}, 10), SizeIs(1));
  EXPECT_EQ(dead_letters(*db_, "nivoda", run_number(1), 10).front().error, "no answer");
}

// The seed's own query, under the desk's schema.
TEST_F(FeedProgress, TheSeedsQueryRuns) {
  fail_run();
  EXPECT_EQ(
      db_->query(
             "SELECT partition_id, status, records_processed, error_message FROM feed.worker_runs WHERE run_id = $1::uuid",
             kernel::sql_values(run_number(1)))
          .size(),
      4U);
}

class FeedVerify : public FeedSteer {
 protected:
  std::vector<std::string> found() {
    std::vector<std::string> all;
    for (const kernel::Finding& finding : desk().verify(*db_, {}, {}).findings)
      all.push_back(finding.what + ": " + finding.expected + " / " + finding.got);
    return all;
  }
};

TEST_F(FeedVerify, FindsWhatDoesNotAgree) {
  add_run(2);
  set("done", 1, 2);
  db_->query(
      "INSERT INTO feed.pages SELECT '" + run_number(1) +
      "', 'p-00' || p, n, n * 50, 50, 50, 0, (SELECT array_agg(s) FROM generate_series(p * 1000 + n * 50, p * 1000 + n * 50 + "
      "49) s), clock_timestamp() FROM generate_series(0, 1) AS n, generate_series(1, 2) AS p");
  settle(*db_, run_number(1));
  db_->query("UPDATE feed.run_metadata SET status = 'done', finished_at = clock_timestamp()");
  EXPECT_THAT(found(), SizeIs(0));
  db_->query("UPDATE feed.partition_progress SET records = 99 WHERE partition_id = 'p-001'");
  EXPECT_THAT(found(), testing::ElementsAre("p-001: records: 100 / 99",
                                            "p-001: its worker's record: completed, 99 / completed, 100"));
  db_->query("UPDATE feed.partition_progress SET records = 100 WHERE partition_id = 'p-001'");
  db_->query("UPDATE feed.run_metadata SET failed_workers = 1, completed_workers = 1");
  EXPECT_THAT(found(), testing::ElementsAre("completed and failed partitions: 2 and 0 / 1 and 1"));
  db_->query("UPDATE feed.run_metadata SET failed_workers = 0, completed_workers = 2");
  db_->query("UPDATE feed.pages SET partition_id = 'p-009' WHERE partition_id = 'p-002'");
  EXPECT_THAT(found(), testing::ElementsAre("p-002: records: 0 / 100",
                                            "p-009: pages: of a partition of the run / of none"));
  db_->query("UPDATE feed.pages SET partition_id = 'p-002' WHERE partition_id = 'p-009'");
  db_->query(
      "UPDATE feed.partition_progress SET payload = jsonb_set(payload, '{priceMin}', '101') WHERE partition_id = 'p-002'");
  EXPECT_THAT(found(), testing::ElementsAre("p-002: start of its prices: 100 / 101"));
  db_->query("DELETE FROM feed.partition_progress WHERE partition_id = 'p-002'");
  EXPECT_THAT(found(), testing::Contains("partitions: 2 / 1"));
}

}  // namespace
}  // namespace am::feed
