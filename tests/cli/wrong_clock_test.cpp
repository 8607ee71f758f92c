// A host whose clock is a week off, in every command that could do something by it: nothing is done, and all say so.

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/cli/app.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/clock_guard.hpp"
#include "am/picks/schedule.hpp"
#include "support/am_process.hpp"
#include "support/scripted_http.hpp"

namespace am::test {
namespace {

using Json = nlohmann::json;
using std::chrono::days;

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;
};

/// The program in this process, on a host whose clock is `away` from the database's. No vendor may be asked.
class WrongClock : public testing::Test {
 protected:
  WrongClock() {
    env_ = desk_env(home_);
    env_["LOG_LEVEL"] = "off";
    env_["OPENAI_API_KEY"] = "sk-wrong-clock-0123";
    db_ = home_.open();
  }

  Ran am(const std::vector<std::string>& args) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    kernel::Stop stop;
    ScriptedHttp nobody;
    cli::Environment environment{env_, in, out, err, false, false, stop};
    environment.transport = &nobody;
    environment.host_clock = [this] { return kernel::SystemClock().host() + away_; };
    environment.probe = [this](std::string_view what) {
      comparisons_ += what == kernel::kDatabaseClockSql ? 1 : 0;
    };
    comparisons_ = 0;
    const int code = cli::run_app(args, environment);
    return {code, out.str(), err.str()};
  }

  /// An active batch of this week or of `weeks` ago, with picks whose prices nobody gives.
  std::string add_batch(int weeks) {
    const Date run_date = picks::current_run_date(kernel::SystemClock().now()) + -7 * weeks;
    db_->query(
        "WITH b AS (INSERT INTO public.batches (id, run_date, benchmark_initial_price, status) VALUES "
        "(gen_random_uuid(), $1::date, 100, 'active') RETURNING id), o AS (INSERT INTO ops.batch_origin (batch_id, picker, "
        "price_source, origin) SELECT id, 'file', 'stooq', 'live' FROM b) INSERT INTO public.picks SELECT "
        "gen_random_uuid(), b.id, t, 'BUY', 'r', 100 FROM b, unnest(ARRAY['XOM', 'JPM', 'MCD']) AS t",
        kernel::sql_values(run_date));
    return run_date.to_string();
  }

  std::string written() {
    return value_of(
        *db_,
        "SELECT concat_ws(' ', (SELECT count(*) FROM public.batches), (SELECT count(*) FROM "
        "public.checkpoints), (SELECT count(*) FROM ops.runs), (SELECT count(*) FROM ops.events), (SELECT "
        "count(*) FROM market.daily_closes), (SELECT string_agg(DISTINCT status, ' ') FROM public.batches))");
  }

  void expect_refused(const std::vector<std::string>& args) {
    const std::string before = written();
    const Ran ran = am(args);
    EXPECT_EQ(ran.exit, 78) << args[0] << ran.err << ran.out;
    EXPECT_NE(ran.err.find(" apart (expected at most 300 s)"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("timedatectl"), std::string::npos) << ran.err;
    EXPECT_EQ(written(), before) << args[0];
  }

  TestDb home_;
  std::unique_ptr<kernel::Db> db_;
  std::map<std::string, std::string> env_;
  std::chrono::microseconds away_ = days(7);
  int comparisons_ = 0;
};

TEST_F(WrongClock, BuysNoPicks) {
  for (const days week : {days(7), days(-7)}) {
    away_ = week;
    expect_refused({"run-weekly", "--picker", "openai"});
    expect_refused({"run-weekly"});
    expect_refused({"run-weekly", "--dry-run"});
  }
  const Ran json = am({"run-weekly", "-o", "json"});
  EXPECT_EQ(Json::parse(json.out)["error"]["code"], "config");
}

TEST_F(WrongClock, SkipsAndCompletesNothing) {
  const std::string old = add_batch(2);
  const std::string now = add_batch(0);  // a week ahead all its days seem to be due and long over
  expect_refused({"checkpoint", "--due"});
  expect_refused({"checkpoint", "--due", "--dry-run"});
  expect_refused({"checkpoint", "--batch", old, "--day", "3"});
  expect_refused({"checkpoint", "--batch", old, "--day", "6"});
  expect_refused({"checkpoint", "--batch", old, "--day", "3", "--force"});
  expect_refused({"checkpoint", "--batch", old, "--day", "3", "--skip", "gone"});
  expect_refused({"due", "--run"});
  expect_refused({"backfill", "--from", old, "--to", now, "--picker", "momentum"});
}

TEST_F(WrongClock, OpensNoAbandonedRun) {
  add_batch(2);
  db_->query(
      "INSERT INTO ops.runs (id, job, slot, status, version) SELECT gen_random_uuid(), 'daily_checkpoint_v1', id || ':6', "
      "'abandoned', 't' FROM public.batches");
  const std::string run = value_of(*db_, "SELECT id::text FROM ops.runs");
  expect_refused({"runs", "resume", run});
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs"), "abandoned");
  away_ = days(0);
  EXPECT_EQ(am({"runs", "resume", run}).exit, 0);
}

TEST_F(WrongClock, WhatIsStoredIsFoundWithoutAskingForTheTime) {
  const std::string old = add_batch(2);
  db_->query(
      "INSERT INTO public.checkpoints (id, batch_id, checkpoint_date, status) SELECT gen_random_uuid(), id, run_date + 2, "
      "'skipped' FROM public.batches");
  EXPECT_EQ(am({"checkpoint", "--batch", old, "--day", "3"}).exit, 0);
  EXPECT_EQ(comparisons_, 0);
  away_ = days(0);
  add_batch(0);
  EXPECT_EQ(am({"run-weekly"}).exit, 0);
  EXPECT_EQ(comparisons_, 0) << "nor by a right clock";
}

TEST_F(WrongClock, FiveMinutesAreNoDifference) {
  const std::string old = add_batch(2);
  away_ = std::chrono::seconds(290);
  const Ran weekend = am({"checkpoint", "--batch", old, "--day", "6"});
  EXPECT_EQ(weekend.exit, 0) << weekend.err;
  EXPECT_EQ(comparisons_, 1);
  const Ran next = am({"checkpoint", "--batch", old, "--day", "7"});
  EXPECT_EQ(next.exit, 0) << next.err;
  away_ = std::chrono::seconds(310);
  expect_refused({"checkpoint", "--batch", old, "--day", "13"});
}

TEST_F(WrongClock, OneComparisonServesAWholeRun) {
  add_batch(2);
  db_->query("UPDATE ops.batch_origin SET price_source = $1", kernel::sql_values(env_["AM_PRICES"]));
  away_ = days(0);
  am({"checkpoint", "--due"});  // closed days are stored, the fixture's prices are of another year
  EXPECT_GE(std::stoi(value_of(*db_, "SELECT count(*) FROM public.checkpoints")), 4);
  EXPECT_EQ(comparisons_, 1);
}

TEST_F(WrongClock, ARehearsalGoesByItsOwnMoment) {
  EXPECT_EQ(am({"run-weekly", "--now", kDeskNow}).exit, 0);
  EXPECT_EQ(comparisons_, 0);
  EXPECT_EQ(value_of(*db_, "SELECT run_date::text FROM public.batches"), "2026-01-26");
}

TEST_F(WrongClock, StatusAndDoctorTell) {
  const Ran text = am({"status", "--check"});
  EXPECT_EQ(text.exit, 10) << text.err;
  EXPECT_NE(text.out.find("stale: clock: this host's says "), std::string::npos) << text.out;
  const Json status = Json::parse(am({"status", "--check", "-o", "json"}).out);
  EXPECT_EQ(status["exit_code"], 10);
  EXPECT_EQ(status["data"]["stale"][0]["code"], "clock");
  EXPECT_TRUE(status["data"]["stale"][0]["job"].is_null());
  EXPECT_NEAR(status["data"]["clock"]["apart_s"].get<int>(), 604800, 5);
  const Json doctor = Json::parse(am({"doctor", "--offline", "-o", "json"}).out);
  EXPECT_EQ(doctor["exit_code"], 10);
  const auto& checks = doctor["data"]["checks"];
  const auto skew = std::ranges::find_if(checks, [](const Json& c) { return c["name"] == "database clock"; });
  EXPECT_EQ((*skew)["state"], "failed");
  away_ = days(0);
  EXPECT_EQ(Json::parse(am({"status", "-o", "json"}).out)["data"]["clock"]["apart_s"], 0);
}

}  // namespace
}  // namespace am::test
