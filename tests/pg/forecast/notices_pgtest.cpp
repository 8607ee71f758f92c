// Mails of the desk: one for all jobs that died since the last one, none lost, none twice, wherever a process ends.

#include <gmock/gmock.h>

#include "am/forecast/notices.hpp"
#include "am/kernel/queue_admin.hpp"
#include "forecast_bed.hpp"
#include "support/scripted_http.hpp"

namespace am::forecast {
namespace {

using testing::HasSubstr;
using testing::Not;

class ForecastNotices : public ForecastTest {
 protected:
  static kernel::HttpClient::Options at_once() {
    kernel::HttpClient::Options options;
    options.vendor = "resend";
    options.retry = {.attempts = 1};
    return options;
  }
  /// What a tick does; how many mails were told of.
  long long tick(kernel::Db& db) {
    kernel::Alerts alerts(
        http_, log_, &db,
        {.api_key = "re_key", .base_url = "http://mail", .to = "a@example.org", .from = "b@example.org"},
        "here");
    notice_dead_jobs(db);
    return tell_notices(db, alerts);
  }
  void expect_mail() { vendor_.reply("POST", "http://mail/emails", test::ok("{}")); }
  void job(int day) { enqueue({.series = "rides", .from = kLast + day, .to = kLast + day}); }
  void die(const std::string& which) {
    db_->query(
        "UPDATE jobs.forecast_jobs SET status = 'dead', epoch = epoch + 1, attempts = 5, error_message = 'no memory' WHERE " +
        which);
  }
  std::string key(std::size_t i) { return vendor_.requests().at(i).headers.at(2).second; }

  std::ostringstream lines_;
  kernel::Log log_{lines_, {}};
  kernel::Stop stop_;
  test::ScriptedHttp vendor_;
  kernel::HttpClient http_{vendor_, nullptr, log_, stop_, at_once()};
};

TEST_F(ForecastNotices, OneMailForAllThatDiedSinceTheLast) {
  add({.name = "rides"});
  for (int i = 1; i <= 25; ++i) job(i);
  EXPECT_EQ(tick(*db_), 0);
  die("id <= 24");
  expect_mail();
  EXPECT_EQ(tick(*db_), 1);
  const std::string body = vendor_.requests().at(0).body;
  EXPECT_THAT(body, HasSubstr("24 jobs are dead"));
  EXPECT_THAT(body,
              HasSubstr("job 1 forecast/rides/2016-08-09/2016-08-09/2016-08-08/1, 5 attempts: no memory\\n"));
  EXPECT_THAT(body, HasSubstr("and 4 more\\n"));
  EXPECT_THAT(body, Not(HasSubstr("job 21 ")));
  EXPECT_EQ(tick(*db_), 0);
  die("id = 25");
  expect_mail();
  EXPECT_EQ(tick(*db_), 1);
  EXPECT_THAT(vendor_.requests().at(1).body, HasSubstr("a job is dead"));
  EXPECT_NE(key(0), key(1));
}

TEST_F(ForecastNotices, OneThatDiesAgainAfterARetryIsToldAgain) {
  add({.name = "rides"});
  job(1);
  die("id = 1");
  expect_mail();
  EXPECT_EQ(tick(*db_), 1);
  kernel::retry_items(*db_, jobs_queue(), {.keys = {}, .ids = {1}});
  EXPECT_EQ(tick(*db_), 0);
  die("id = 1");
  expect_mail();
  EXPECT_EQ(tick(*db_), 1);
}

TEST_F(ForecastNotices, OneThatCouldNotBeSentIsSentWithTheNextTick) {
  add({.name = "rides"});
  job(1);
  job(2);
  die("id = 1");
  vendor_.fail("POST", "http://mail/emails", Error(ErrorKind::unavailable, "no answer"));
  EXPECT_EQ(tick(*db_), 0);
  die("id = 2");
  expect_mail();
  expect_mail();
  EXPECT_EQ(tick(*db_), 2) << "oldest first, each with its jobs";
  EXPECT_EQ(key(0), key(1));
  EXPECT_THAT(vendor_.requests().at(1).body, HasSubstr("job 1 "));
  EXPECT_THAT(vendor_.requests().at(2).body, HasSubstr("job 2 "));
}

TEST_F(ForecastNotices, EndedAnywhereNoneIsLostAndNoneToldTwice) {
  add({.name = "rides"});
  job(1);
  die("id = 1");
  vendor_.otherwise([](const kernel::HttpRequest&) { return test::ok("{}"); });
  int n = 0;
  bool ended = true;
  while (ended) {
    ++n;
    db_->query("DELETE FROM forecast.notices");
    db_->query("DELETE FROM ops.effects");
    db_->query("UPDATE jobs.forecast_jobs SET told_epoch = NULL");
    const std::size_t before = vendor_.count();
    int calls = 0;
    const auto db = home_.open([&](std::string_view) {
      if (++calls >= n) throw Error(ErrorKind::terminated, "ended");
    });
    try {
      tick(*db);
    } catch (const Error&) {
      EXPECT_GE(calls, n);
    }
    ended = calls >= n;
    tick(*db_);
    EXPECT_EQ(value("SELECT count(*) || ' ' || count(told_at) FROM forecast.notices"), "1 1") << n;
    EXPECT_GT(vendor_.count(), before) << n;
    // Sent again only under the key that the vendor knows.
    for (std::size_t i = before; i < vendor_.count(); ++i) EXPECT_EQ(key(i), key(before)) << n;
    EXPECT_EQ(tick(*db_), 0) << n;
  }
  EXPECT_GT(n, 4);
}

}  // namespace
}  // namespace am::forecast
