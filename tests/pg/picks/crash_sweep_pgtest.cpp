// Each picks job, failed at its calls to the database and the vendors one after the other, and run again. The
// process-level twin, with SIGKILL, is tests/cli/crash_process_test.cpp.

#include <sstream>

#include <gtest/gtest.h>

#include "am/market/market_dir.hpp"
#include "am/picks/pickers.hpp"
#include "support/crash_sweep.hpp"
#include "support/network_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::Crash;
using test::CrashPoint;
using test::FakeVendors;
using test::NetworkDesk;
using test::SweptJob;
using test::TestDb;
using test::TestDesk;

const std::string kMarket = AM_SOURCE_DIR "/examples/market";
const Date kSweptMonday(2025, 3, 3);
const std::vector<std::string> kSymbols = {"SPY", "AAPL", "MSFT", "XOM"};

/// Vendor calls around a crash: what was recorded before it is never asked for again, and whatever else at most
/// once more (the crash fell between the answer and its record). While the process lives on, it keeps the answer.
class PaidCalls {
 public:
  PaidCalls(FakeVendors& vendors, Date session, Crash crash)
      : vendors_(vendors), session_(session), most_(crash == Crash::lost_connection ? 1 : 2) {}

  void start() { start_ = vendors_.counts(); }
  void after_crash(kernel::Sql& sql) {
    before_ = vendors_.counts();
    recorded_.clear();
    if (!sql.query("SELECT 1 FROM ops.steps WHERE name = 'generate_picks' AND finished_at IS NOT NULL")
             .empty()) {
      recorded_.insert("chat");
    }
    const kernel::Rows closes = sql.query("SELECT symbol FROM market.daily_closes WHERE day = $1::date",
                                          kernel::sql_values(session_));
    for (std::size_t i = 0; i < closes.size(); ++i) recorded_.insert(closes[i].text("symbol"));
    const kernel::Rows asked = sql.query("SELECT symbol FROM market.splits_asked");
    for (const kernel::Row row : asked) recorded_.insert("splits " + row.text("symbol"));
  }
  void after_rerun() {
    for (const auto& [name, count] : vendors_.counts()) {
      EXPECT_LE(count - start_[name], most_) << name;
      if (recorded_.contains(name)) {
        EXPECT_EQ(count, before_[name]) << name << " was recorded, and asked for again";
      }
    }
  }

 private:
  FakeVendors& vendors_;
  Date session_;
  int most_;
  std::map<std::string, int> start_;
  std::map<std::string, int> before_;
  std::set<std::string> recorded_;
};

class CrashSweep : public testing::TestWithParam<Crash> {};

TEST_P(CrashSweep, WeeklyOverBothVendors) {
  FakeVendors vendors(Date(2025, 2, 28));
  PaidCalls calls(vendors, Date(2025, 2, 28), GetParam());
  SweptJob job{.desk = test::kSweptPicks};
  job.run = [&](const TestDb& home, CrashPoint& point) {
    const auto probe = [&](std::string_view what) { point(what); };
    vendors.probe(probe);
    NetworkDesk(home, "2025-03-03T14:00:00Z", vendors, probe).run_weekly(kSweptMonday);
  };
  job.prepare = [&](const TestDb&) { calls.start(); };
  job.after_crash = [&](kernel::Sql& sql) { calls.after_crash(sql); };
  job.after_rerun = [&](kernel::Sql&) { calls.after_rerun(); };
  EXPECT_GE(test::sweep(job, GetParam()), 40);
}

TEST_P(CrashSweep, CheckpointOverAVendor) {
  FakeVendors vendors(Date(2025, 3, 5));
  PaidCalls calls(vendors, Date(2025, 3, 5), GetParam());
  SweptJob job{.desk = test::kSweptPicks};
  job.prepare = [&](const TestDb& home) {
    vendors.probe({});
    FakeVendors earlier(Date(2025, 2, 28));
    NetworkDesk(home, "2025-03-03T14:00:00Z", earlier).run_weekly(kSweptMonday);
    calls.start();
  };
  job.run = [&](const TestDb& home, CrashPoint& point) {
    const auto probe = [&](std::string_view what) { point(what); };
    vendors.probe(probe);
    NetworkDesk network(home, "2025-03-06T14:30:00Z", vendors, probe);
    Workbench desk = network.desk.desk();
    run_checkpoint(desk, *find_batch(*network.desk.db, kSweptMonday), 3, {});
  };
  job.after_crash = [&](kernel::Sql& sql) { calls.after_crash(sql); };
  job.after_rerun = [&](kernel::Sql&) { calls.after_rerun(); };
  EXPECT_GE(test::sweep(job, GetParam()), 35);
}

TEST_P(CrashSweep, CheckpointOverASplitThatTheVendorIsAskedAbout) {
  FakeVendors vendors(Date(2025, 3, 5), market::CorporateAction{
                                            .symbol = "AAPL", .day = Date(2025, 3, 5), .ratio = Decimal(10)});
  PaidCalls calls(vendors, Date(2025, 3, 5), GetParam());
  SweptJob job{.desk = test::kSweptPicks};
  job.prepare = [&](const TestDb& home) {
    vendors.probe({});
    FakeVendors earlier(Date(2025, 2, 28));
    NetworkDesk(home, "2025-03-03T14:00:00Z", earlier).run_weekly(kSweptMonday);
    calls.start();
  };
  job.run = [&](const TestDb& home, CrashPoint& point) {
    const auto probe = [&](std::string_view what) { point(what); };
    vendors.probe(probe);
    NetworkDesk network(home, "2025-03-06T14:30:00Z", vendors, probe);
    Workbench desk = network.desk.desk();
    run_checkpoint(desk, *find_batch(*network.desk.db, kSweptMonday), 3, {});
  };
  job.after_crash = [&](kernel::Sql& sql) { calls.after_crash(sql); };
  job.after_rerun = [&](kernel::Sql& sql) {
    calls.after_rerun();
    EXPECT_EQ(test::value_of(sql, "SELECT count(*) FROM ops.events WHERE kind = 'split_applied'"), "1");
  };
  EXPECT_GE(test::sweep(job, GetParam()), 45);
}

kernel::LedgerOptions as_of(const std::string& now) {
  kernel::LedgerOptions options;
  options.business_now = test::moment(now);
  return options;
}

/// One year of the bundled market; files cost nothing, so there are no calls to count.
struct Files {
  Files(const TestDb& home, const std::string& now, CrashPoint* point)
      : desk(
            home, now, as_of(now),
            point == nullptr ? std::function<void(std::string_view)>{}
                             : [point](std::string_view what) { (*point)(what); }) {
    desk.add(market());
    picker = make_momentum_picker(market(), market().universe());
  }
  static market::CsvMarket& market() {
    static market::CsvMarket csv(kMarket);
    return csv;
  }
  void backfill(Date first, Date last) {
    Workbench parts = desk.desk();
    BackfillOptions options;
    options.run_dates = {first, last};
    options.benchmark = "SPX";
    options.price_source = market().source();
    run_backfill(parts, *picker, options);
  }

  TestDesk desk;
  std::unique_ptr<Picker> picker;
};

TEST_P(CrashSweep, DueCheckpointsOverFiles) {
  SweptJob job{.desk = test::kSweptPicks};
  job.prepare = [](const TestDb& home) {
    Files(home, "2000-06-05T14:00:00Z", nullptr).backfill(Date(2000, 6, 5), Date(2000, 6, 5));
  };
  job.run = [](const TestDb& home, CrashPoint& point) {
    Files files(home, "2000-06-20T14:00:00Z", &point);
    Workbench desk = files.desk.desk();
    run_due(desk, {*find_batch(*files.desk.db, Date(2000, 6, 5))}, {});
  };
  EXPECT_GE(test::sweep(job, GetParam()), 100);
}

TEST_P(CrashSweep, BackfillOfTwoWeeksOverFiles) {
  SweptJob job{.desk = test::kSweptPicks};
  job.run = [](const TestDb& home, CrashPoint& point) {
    Files(home, "2000-07-05T14:00:00Z", &point).backfill(Date(2000, 6, 5), Date(2000, 6, 12));
  };
  EXPECT_GE(test::sweep(job, GetParam()), 200);
}

TEST_P(CrashSweep, TickOverFiles) {
  int processes = 0;
  SweptJob job{.desk = test::kSweptPicks};
  job.prepare = [&](const TestDb& home) {
    processes = 0;
    Files(home, "2000-06-05T14:00:00Z", nullptr).backfill(Date(2000, 6, 5), Date(2000, 6, 5));
  };
  job.run = [&](const TestDb& home, CrashPoint& point) {
    // A slot that failed rests for minutes; the next tick of the sweep comes hours later.
    const std::string now = processes++ == 0 ? "2000-06-14T14:00:00Z" : "2000-06-14T20:00:00Z";
    Files files(home, now, &point);
    Workbench desk = files.desk.desk();
    const TickResult tick = run_tick(
        desk,
        [&](Date run_date) {
          WeeklyOptions options;
          options.run_date = run_date;
          options.benchmark = "SPX";
          options.price_source = Files::market().source();
          return run_weekly(desk, *files.picker, options);
        },
        1000);
    if (!tick.slots.failures.empty()) throw Error(tick.slots.failures.front().error);
  };
  EXPECT_GE(test::sweep(job, GetParam()), 100);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, CrashSweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const testing::TestParamInfo<Crash>& crash) {
                           std::string name(test::crash_name(crash.param));
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::picks
