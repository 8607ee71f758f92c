// Length: one fixture and one subject; the cases read best in a row.
// The weekly job: one batch a week, picks that are asked for once, a baseline that is never another day's.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "am/kernel/rate_limit.hpp"
#include "am/market/alpha_vantage.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/schedule.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::error_of;
using test::FakePicker;
using test::FakePrices;
using test::made_up_close;
using test::TestDesk;
using test::value_of;

const Date kWeeklyMonday(2025, 3, 3);
const Date kFriday(2025, 2, 28);
const std::string kMondayMorning = "2025-03-03T14:00:00Z";  // 9:00 in New York

class WeeklyJob : public testing::Test {
 protected:
  static WeeklyOptions options(Date run_date = kWeeklyMonday) {
    WeeklyOptions weekly;
    weekly.run_date = run_date;
    weekly.price_source = "fake";
    return weekly;
  }
  WeeklyResult run(TestDesk& process, Picker& picker, const WeeklyOptions& weekly = options()) {
    Workbench desk = process.add(prices_).desk();
    return run_weekly(desk, picker, weekly);
  }
  std::string count(const std::string& what) { return value_of(*db_, "SELECT count(*) FROM " + what); }
  void expect_empty_domain() {
    for (const char* table :
         {"batches", "picks", "checkpoints", "pick_checkpoint_metrics", "ops.batch_origin"}) {
      EXPECT_EQ(count(table), "0") << table;
    }
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

TEST_F(WeeklyJob, MakesTheBatchOnce) {
  TestDesk desk(home_, kMondayMorning);
  const WeeklyResult made = run(desk, picker_);
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.baseline, kFriday);
  ASSERT_TRUE(made.batch);
  EXPECT_EQ(value_of(*db_,
                     "SELECT string_agg(ticker || ' ' || action || ' ' || initial_price, ', ' ORDER BY "
                     "ticker) FROM picks"),
            "AAPL BUY " + made_up_close("AAPL", kFriday) + ", MSFT BUY " + made_up_close("MSFT", kFriday) +
                ", XOM SELL " + made_up_close("XOM", kFriday));
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT concat_ws(' ', run_date, benchmark_symbol, benchmark_initial_price, status) FROM batches"),
      "2025-03-03 SPY " + made_up_close("SPY", kFriday) + " active");
  EXPECT_EQ(value_of(*db_,
                     "SELECT concat_ws(' ', checkpoint_date, status, benchmark_price, "
                     "coalesce(benchmark_return_pct::text, '-')) "
                     "FROM checkpoints"),
            "2025-02-28 computed " + made_up_close("SPY", kFriday) + " -");
  EXPECT_EQ(count("pick_checkpoint_metrics"), "0");
  EXPECT_EQ(value_of(*db_, "SELECT concat_ws(' ', picker, price_source, origin) FROM ops.batch_origin"),
            "fake fake live");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(name, ' ' ORDER BY started_at) FROM ops.steps"),
            "generate_picks snapshot_prices persist_batch");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(kind, ' ') FROM ops.events"), "batch_created");
}

TEST_F(WeeklyJob, ARerunChangesNothingAndCallsNobody) {
  TestDesk first(home_, kMondayMorning);
  const std::string id = run(first, picker_).batch->id;
  const std::string before = test::dump_picks(*db_);
  for (const char* moment : {"2025-03-03T14:05:00Z", "2025-03-04T20:00:00Z", "2025-04-01T14:00:00Z"}) {
    TestDesk again(home_, moment);
    const WeeklyResult same = run(again, picker_);
    EXPECT_FALSE(same.created);
    EXPECT_EQ(same.batch->id, id);
    EXPECT_EQ(same.run_id, "") << "nothing was claimed";
  }
  FakePicker other({"IBM", "KO", "PEP"});
  TestDesk again(home_, kMondayMorning);
  EXPECT_EQ(run(again, other).batch->id, id);
  EXPECT_EQ(other.calls(), 0);
  EXPECT_EQ(picker_.calls(), 1);
  EXPECT_EQ(prices_.calls(), 4);
  EXPECT_EQ(test::dump_picks(*db_), before);
  WeeklyOptions strict = options();
  strict.fail_if_exists = true;
  EXPECT_EQ(error_of([&] { run(again, picker_, strict); }).kind(), ErrorKind::exists);
}

TEST_F(WeeklyJob, ADryRunTouchesNothing) {
  TestDesk desk(home_, kMondayMorning);
  WeeklyOptions dry = options();
  dry.dry_run = true;
  EXPECT_FALSE(run(desk, picker_, dry).batch);
  EXPECT_EQ(picker_.calls() + prices_.calls(), 0);
  EXPECT_EQ(count("ops.runs"), "0");
}

TEST_F(WeeklyJob, AMissingBaselineIsDeferredAndKeepsThePicks) {
  prices_.hide("MSFT", kFriday);
  TestDesk desk(home_, kMondayMorning);
  const Error late = error_of([&] { run(desk, picker_); });
  EXPECT_EQ(late.kind(), ErrorKind::deferred);
  EXPECT_EQ(static_cast<int>(late.exit_code()), 75);
  EXPECT_EQ(late.not_before(), test::moment("2025-03-03T14:15:00Z"));
  expect_empty_domain();
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs WHERE job = 'weekly_pick_v1'"), "deferred");

  FakePicker other({"IBM", "KO", "PEP"});
  TestDesk later(home_, "2025-03-04T13:59:00Z");
  EXPECT_EQ(error_of([&] { run(later, other); }).kind(), ErrorKind::deferred) << "still not there";
  prices_.show("MSFT", kFriday);
  const WeeklyResult made = run(later, other);
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.batch->picker, "fake");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(ticker, ' ' ORDER BY ticker) FROM picks"), "AAPL MSFT XOM")
      << "the very same picks";
  EXPECT_EQ(value_of(*db_, "SELECT recovered_from FROM ops.runs WHERE job = 'weekly_pick_v1'"), "deferred");
  EXPECT_EQ(picker_.calls(), 1);
  EXPECT_EQ(other.calls(), 0);
  EXPECT_EQ(prices_.calls("SPY"), 1) << "what was there was not asked for again";
}

TEST_F(WeeklyJob, AMissingBenchmarkAsksForNothingElse) {
  prices_.hide("SPY", kFriday);
  TestDesk desk(home_, kMondayMorning);
  EXPECT_EQ(error_of([&] { run(desk, picker_); }).kind(), ErrorKind::deferred);
  EXPECT_EQ(prices_.asked(), std::vector<std::string>{"SPY"});
  expect_empty_domain();
}

TEST_F(WeeklyJob, ALateFridayNeverBecomesThursday) {
  for (const std::string symbol : {"SPY", "AAPL", "MSFT", "XOM"}) prices_.hide(symbol, kFriday);
  // All the week long: the day before is there the whole time.
  for (int day = 0; day < 7; ++day) {
    TestDesk desk(home_, (kWeeklyMonday + day).to_string() + "T15:00:00Z");
    EXPECT_EQ(error_of([&] { run(desk, picker_); }).kind(), day == 0 ? ErrorKind::deferred : ErrorKind::data);
  }
  expect_empty_domain();
  for (const std::string symbol : {"SPY", "AAPL", "MSFT", "XOM"}) prices_.show(symbol, kFriday);
  TestDesk desk(home_, "2025-03-09T15:00:00Z");
  run(desk, picker_);
  EXPECT_EQ(value_of(*db_, "SELECT checkpoint_date::text FROM checkpoints"), "2025-02-28");
  EXPECT_EQ(value_of(*db_, "SELECT benchmark_initial_price::text FROM batches"),
            made_up_close("SPY", kFriday));
}

TEST_F(WeeklyJob, AHolidayMondayAndAHolidayFridayTakeTheSessionBefore) {
  TestDesk desk(home_, "2025-04-28T14:00:00Z");
  EXPECT_EQ(run(desk, picker_, options(Date(2025, 2, 17))).baseline, Date(2025, 2, 14))
      << "Presidents' Day itself";
  EXPECT_EQ(run(desk, picker_, options(Date(2025, 4, 21))).baseline, Date(2025, 4, 17))
      << "after Good Friday";
  EXPECT_EQ(
      value_of(*db_,
               "SELECT string_agg(checkpoint_date::text, ' ' ORDER BY checkpoint_date) FROM checkpoints"),
      "2025-02-14 2025-04-17");
}

TEST_F(WeeklyJob, APickerThatSeesTheFutureIsRefusedForEarlierWeeks) {
  FakePicker oracle({"AAPL", "MSFT", "XOM"}, true);
  {
    TestDesk next_week(home_, "2025-03-10T14:00:00Z");
    const Error refused = error_of([&] { run(next_week, oracle); });
    EXPECT_EQ(refused.kind(), ErrorKind::usage);
    EXPECT_EQ(count("ops.runs"), "0");
  }
  {
    TestDesk sunday(home_, "2025-03-10T03:59:00Z");  // 23:59 on Sunday in New York: still that week
    EXPECT_TRUE(run(sunday, oracle).created);
  }
  TestDesk later(home_, "2025-03-17T14:00:00Z");
  EXPECT_FALSE(run(later, oracle).created) << "a batch that is there is no lookahead";
  WeeklyOptions allowed = options(Date(2025, 3, 10));
  allowed.allow_lookahead = true;
  EXPECT_TRUE(run(later, oracle, allowed).created);
}

TEST_F(WeeklyJob, APickerThatFailsLeavesNothingAndIsAskedAgain) {
  TestDesk desk(home_, kMondayMorning);
  picker_.fail(Error(ErrorKind::data, "no valid picks"));
  EXPECT_EQ(error_of([&] { run(desk, picker_); }).kind(), ErrorKind::data);
  expect_empty_domain();
  EXPECT_EQ(prices_.calls(), 0);
  picker_.fail({});
  EXPECT_TRUE(run(desk, picker_).created);
  EXPECT_EQ(picker_.calls(), 2);
}

TEST_F(WeeklyJob, AProviderThatIsAwayIsUnavailable) {
  prices_.fail("*", Error(ErrorKind::unavailable, "no connection"));
  TestDesk desk(home_, kMondayMorning);
  EXPECT_EQ(error_of([&] { run(desk, picker_); }).kind(), ErrorKind::unavailable);
  expect_empty_domain();
  prices_.heal();
  EXPECT_TRUE(run(desk, picker_).created);
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(WeeklyJob, ABaselineThatCannotBeRightIsRefusedWithAnEvent) {
  prices_.refuse("XOM", kFriday, "close \"0\" is not above zero");
  TestDesk desk(home_, kMondayMorning);
  const Error error = error_of([&] { run(desk, picker_); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_NE(error.message().find("XOM"), std::string::npos);
  expect_empty_domain();
  EXPECT_EQ(value_of(*db_, "SELECT kind || ' ' || (data->>'run_date') FROM ops.events"),
            "batch_failed 2025-03-03");
  prices_.accept("XOM", kFriday);
  EXPECT_TRUE(run(desk, picker_).created);
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(WeeklyJob, ABaselineOutOfReachIsRefused) {
  prices_.reach_back_to(Date(2025, 3, 5));
  TestDesk desk(home_, "2025-07-01T14:00:00Z");
  const Error error = error_of([&] { run(desk, picker_); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_NE(error.message().find("out of reach"), std::string::npos) << error.message();
  expect_empty_domain();
}

TEST_F(WeeklyJob, AStopBetweenTwoStepsKeepsThePicks) {
  class StoppingPicker final : public Picker {
   public:
    StoppingPicker(FakePicker& inner, kernel::Stop& stop) : inner_(inner), stop_(stop) {}
    std::string name() const override { return "fake"; }
    bool sees_the_future() const override { return false; }
    Picked pick(Date run_date, const std::string& benchmark) override {
      stop_.request(SIGTERM);
      return inner_.pick(run_date, benchmark);
    }

   private:
    FakePicker& inner_;
    kernel::Stop& stop_;
  };
  TestDesk stopped(home_, kMondayMorning);
  StoppingPicker stopping(picker_, stopped.stop);
  EXPECT_EQ(error_of([&] { run(stopped, stopping); }).kind(), ErrorKind::terminated);
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs"), "interrupted");
  EXPECT_EQ(prices_.calls(), 0);
  TestDesk desk(home_, kMondayMorning);
  EXPECT_TRUE(run(desk, picker_).created);
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(WeeklyJob, ABatchThatVanishedAfterItsRunNeedsAHuman) {
  TestDesk desk(home_, kMondayMorning);
  run(desk, picker_);
  db_->query("WITH a AS (DELETE FROM checkpoints), b AS (DELETE FROM picks) DELETE FROM ops.batch_origin");
  db_->query("DELETE FROM batches");
  EXPECT_EQ(error_of([&] { run(desk, picker_); }).kind(), ErrorKind::needs_human);
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(WeeklyJob, TenAtOnceMakeOneBatchWithOneCallEach) {
  prices_.on_call([](const std::string&) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
  std::atomic<int> created{0};
  std::mutex mutex;
  std::set<std::string> ids;
  std::vector<std::unique_ptr<FakePicker>> pickers;
  for (int i = 0; i < 10; ++i) pickers.push_back(std::make_unique<FakePicker>());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back([&, i] {
        TestDesk desk(home_, kMondayMorning);
        const WeeklyResult result = run(desk, *pickers[static_cast<std::size_t>(i)]);
        created += result.created ? 1 : 0;
        const std::lock_guard lock(mutex);
        ids.insert(result.batch->id);
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(ids.size(), 1U);
  int asked = 0;
  for (const auto& picker : pickers) asked += picker->calls();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(prices_.calls(), 4);
}

// --- Alpha Vantage, through the real client and the shared limiter -------------------------------------------------

/// Answers from memory; remembers when each request came.
class AlphaVantageServer final : public kernel::Transport {
 public:
  kernel::HttpResponse send(const kernel::HttpRequest& request) override {
    const std::string symbol = test::query_parameter(request.url, "symbol");
    const std::lock_guard lock(mutex_);
    times.push_back(std::chrono::steady_clock::now());
    symbols.push_back(symbol);
    if (failures > 0) {
      --failures;
      return {.status = 503, .body = "busy"};
    }
    return {.status = 200, .body = test::alpha_vantage_body(symbol, last)};
  }
  int failures = 0;
  Date last = kFriday;  ///< the latest session that it lists
  std::vector<std::chrono::steady_clock::time_point> times;
  std::vector<std::string> symbols;

 private:
  std::mutex mutex_;
};

struct Vantage {
  Vantage(const test::TestDb& home, AlphaVantageServer& server, std::vector<kernel::RateWindow> windows,
          std::chrono::milliseconds max_wait)
      : desk(home, kMondayMorning),
        limiter(*desk.db, desk.stop, {{"alpha_vantage", std::move(windows)}}),
        http(server, &limiter, desk.log, desk.stop,
             {.vendor = "alpha-vantage",
              .limit_key = "alpha_vantage",
              .retry = {.base = std::chrono::milliseconds(1)},
              .max_wait = max_wait}),
        prices(http, {.base_url = "http://prices", .api_key = "not-a-key"}) {
    http.on_attempt([this] { desk.ledger.check_leases(); });
    desk.add(prices);
  }
  WeeklyResult run(Picker& picker) {
    WeeklyOptions options;
    options.run_date = kWeeklyMonday;
    options.price_source = "alpha-vantage";
    Workbench parts = desk.desk();
    return run_weekly(parts, picker, options);
  }
  TestDesk desk;
  kernel::RateLimiter limiter;
  kernel::HttpClient http;
  market::AlphaVantage prices;
};

TEST_F(WeeklyJob, ASpentBudgetDefersBeforeAnyRequestAndGoesOnLater) {
  using std::chrono::hours;
  AlphaVantageServer server;
  {
    Vantage other(home_, server, {{6, hours(24)}}, std::chrono::milliseconds(0));
    for (const long long slot : other.limiter.reserve("alpha_vantage", 3, std::chrono::milliseconds(0)))
      other.limiter.use(slot, std::chrono::seconds(1));
    const Error error = error_of([&] { other.run(picker_); });
    EXPECT_EQ(error.kind(), ErrorKind::deferred);
    ASSERT_TRUE(error.not_before());
    EXPECT_GT(*error.not_before(), std::chrono::system_clock::now() + hours(23));
    EXPECT_EQ(server.times.size(), 0U) << "four are needed, three are left: none is spent";
    EXPECT_EQ(
        value_of(*db_, "SELECT status || (not_before > now()) FROM ops.runs WHERE job = 'weekly_pick_v1'"),
        "deferredtrue");
    expect_empty_domain();
    EXPECT_EQ(other.limiter.status("alpha_vantage").used, std::vector<int>{3}) << "nothing stays reserved";
  }
  db_->query("UPDATE ops.rate_slots SET used_at = used_at - interval '25 hours'");
  Vantage later(home_, server, {{6, hours(24)}}, std::chrono::milliseconds(0));
  EXPECT_TRUE(later.run(picker_).created);
  EXPECT_EQ(server.times.size(), 4U);
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(WeeklyJob, WhatAMissingBenchmarkLeavesUnaskedIsGivenBack) {
  AlphaVantageServer server;
  server.last = kFriday - 1;
  Vantage vantage(home_, server, {{6, std::chrono::hours(24)}}, std::chrono::milliseconds(0));
  EXPECT_EQ(error_of([&] { vantage.run(picker_); }).kind(), ErrorKind::deferred);
  EXPECT_EQ(server.symbols, std::vector<std::string>{"SPY"});
  EXPECT_EQ(vantage.limiter.status("alpha_vantage").used, std::vector<int>{1})
      << "of four that were reserved";
}

TEST_F(WeeklyJob, ABudgetSpentHalfWayKeepsWhatCameAndGoesOnThere) {
  using std::chrono::hours;
  AlphaVantageServer server;
  {
    Vantage first(home_, server, {{3, hours(24)}},
                  std::chrono::milliseconds(0));  // below what one batch needs
    EXPECT_EQ(error_of([&] { first.run(picker_); }).kind(), ErrorKind::deferred);
    EXPECT_EQ(server.times.size(), 3U);
    EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM market.daily_closes WHERE day = '2025-02-28'"), "3");
    expect_empty_domain();
  }
  db_->query("UPDATE ops.rate_slots SET used_at = used_at - interval '25 hours'");
  Vantage later(home_, server, {{3, hours(24)}}, std::chrono::milliseconds(0));
  EXPECT_TRUE(later.run(picker_).created);
  std::ranges::sort(server.symbols);
  EXPECT_EQ(server.symbols, (std::vector<std::string>{"AAPL", "MSFT", "SPY", "XOM"}))
      << "each once over both runs";
}

TEST_F(WeeklyJob, NoWindowHoldsMoreThanItsLimitRetriesIncluded) {
  constexpr std::size_t kLimit = 5;
  constexpr std::chrono::milliseconds kPeriod(700);
  AlphaVantageServer server;
  server.failures = 6;  // 10 requests in all, of which no 6 may come within one period
  Vantage vantage(home_, server, {{static_cast<int>(kLimit), kPeriod}}, std::chrono::seconds(20));
  for (int attempt = 0; attempt < 6; ++attempt) {
    try {
      EXPECT_TRUE(vantage.run(picker_).created);
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.message();
    }
  }
  ASSERT_TRUE(find_batch(*db_, kWeeklyMonday));
  EXPECT_EQ(server.times.size(), 10U);
  std::ranges::sort(server.times);
  for (std::size_t i = kLimit; i < server.times.size(); ++i)
    EXPECT_GE(server.times[i] - server.times[i - kLimit], kPeriod) << i;
}

}  // namespace
}  // namespace am::picks
