// Length: one fixture and one subject; the cases read best in a row.
// A batch over splits, renames and ends of listing: its figures are those of prices that were adjusted for them, what
// nobody explains is stored and marked, and what is told later repairs it.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/market/action_store.hpp"
#include "am/market/calendar.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/universe.hpp"
#include "am/picks/verify.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

namespace fs = std::filesystem;
using market::ActionKind;
using market::CorporateAction;
using test::FakePicker;
using test::FakePrices;
using test::made_up_close;
using test::TestDesk;
using test::value_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Date kSplitMonday(2025, 3, 3);
const std::string kMuchLater = "2025-03-20T14:00:00Z";

CorporateAction split(const std::string& symbol, const char* day, const char* ratio,
                      std::string_view source = market::kByHand) {
  return {.symbol = symbol,
          .day = Date::of(day),
          .kind = ActionKind::split,
          .ratio = *market::parse_ratio(ratio),
          .source = std::string(source)};
}

class Splits : public testing::Test {
 protected:
  void make(FakePrices& prices, Date run_date = kSplitMonday) {
    TestDesk process(home_, run_date.to_string() + "T15:00:00Z");
    Workbench desk = process.add(prices).desk();
    FakePicker picker;
    WeeklyOptions options;
    options.run_date = run_date;
    options.price_source = prices.source();
    run_weekly(desk, picker, options);
  }
  DueResult due(FakePrices& prices, const std::string& now = kMuchLater) {
    TestDesk process(home_, now);
    Workbench desk = process.add(prices).desk();
    DueResult all = run_due(desk, active_batches(*process.db), {});
    log_ += process.lines.str();
    return all;
  }
  DueResult again(FakePrices& prices, Date run_date = kSplitMonday) {
    TestDesk process(home_, kMuchLater);
    Workbench desk = process.add(prices).desk();
    return run_again(desk, *find_batch(*process.db, run_date), {true, {}, false});
  }
  market::Noted note(const CorporateAction& action) { return market::note_action(*db_, action, false); }

  /// Every stored price and figure, numbers without the zeros that say nothing.
  std::string figures() {
    return value_of(
        *db_,
        "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (SELECT concat_ws(' ', checkpoint_date, status, "
        "trim_scale(benchmark_price), trim_scale(benchmark_return_pct)) AS line FROM checkpoints UNION ALL SELECT "
        "concat_ws(' ', checkpoint_date, ticker, trim_scale(current_price), trim_scale(absolute_return_pct), "
        "trim_scale(vs_benchmark_pct)) FROM pick_checkpoint_metrics m JOIN checkpoints c ON c.id = m.checkpoint_id JOIN "
        "picks p ON p.id = m.pick_id) lines");
  }
  std::string events(const std::string& kind) {
    return value_of(
        *db_,
        "SELECT coalesce(string_agg(concat_ws(' ', data->>'ticker', data->>'symbol', data->>'day', "
        "data->>'ratio', data->>'source', data->>'raw_close', trim_scale((data->>'stored_price')::numeric)), "
        "'; ' ORDER BY id), '') FROM ops.events WHERE kind = $1",
        kernel::sql_values(kind));
  }
  std::vector<std::string> findings() {
    std::vector<std::string> all;
    for (const Finding& finding : verify_data(*db_, {}).findings)
      all.push_back(finding.what + " (expected " + finding.expected + ", got " + finding.got + ")");
    return all;
  }
  std::vector<std::string> doubts() {
    std::vector<std::string> all;
    for (const BatchHistory& history : read_histories(*db_, {})) {
      for (const DoubtfulMove& move : history.moves) all.push_back(move.text());
    }
    return all;
  }

  std::vector<std::string> notes() { return read_histories(*db_, {}).front().notes; }

  /// What a source has that sells the shares as they were traded: from the day on, each close by the ratio.
  static void trade(FakePrices& prices, const std::vector<CorporateAction>& splits) {
    for (const CorporateAction& first : splits) {
      for (Date day = kSplitMonday - 10; day <= kSplitMonday + 28; day = day + 1) {
        if (!market::is_session(day)) continue;
        const Decimal factor = market::factor_between(splits, first.symbol, kSplitMonday - 30, day);
        prices.set(first.symbol, day, (Decimal::of(made_up_close(first.symbol, day)) / factor).to_string());
      }
    }
  }
  /// The figures without any split.
  std::string adjusted_figures() {
    FakePrices prices;
    make(prices);
    due(prices);
    std::string all = figures();
    test::empty_picks(*db_);
    return all;
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::string log_;
};

TEST_F(Splits, FiguresAreThoseOfPricesThatWereAdjusted) {
  const std::string expected = adjusted_figures();
  const std::vector<std::vector<CorporateAction>> cases = {
      {split("AAPL", "2025-03-05", "10")},                                      // the third day
      {split("AAPL", "2025-03-05", "1:10")},                                    // a reverse split
      {split("AAPL", "2025-03-05", "10"), split("AAPL", "2025-03-12", "1:4")},  // two in one window
      {split("AAPL", "2025-03-05", "4"), split("MSFT", "2025-03-05", "2")},     // two shares on one day
      {split("XOM", "2025-03-04", "5")},                                        // a SELL
      {split("SPY", "2025-03-06", "8")},                                        // the benchmark
      {split("MSFT", "2025-03-03", "2")},                                       // the first day
      {split("MSFT", "2025-03-14", "2")},                                       // the last session
      {split("MSFT", "2025-03-16", "2")},                                       // day 14, a Sunday
      {split("MSFT", "2025-03-08", "5:4")},  // a Saturday; too small to be noticed
  };
  for (const auto& splits : cases) {
    SCOPED_TRACE(splits.front().symbol + " " + splits.front().day.to_string());
    FakePrices prices;
    trade(prices, splits);
    for (const CorporateAction& action : splits) EXPECT_EQ(note(action), market::Noted::added);
    make(prices);
    EXPECT_THAT(due(prices).failures, IsEmpty());
    EXPECT_EQ(figures(), expected);
    EXPECT_THAT(findings(), IsEmpty());
    EXPECT_THAT(doubts(), IsEmpty());
    EXPECT_EQ(events("unexplained_move"), "");
    test::empty_picks(*db_);
  }
}

TEST_F(Splits, OneOnTheBaselinesDayIsInTheBaseline) {
  FakePrices prices;
  const std::vector splits = {split("AAPL", "2025-02-28", "10")};
  trade(prices, splits);
  note(splits.front());
  make(prices);
  due(prices);
  EXPECT_EQ(events("split_applied"), "");
  EXPECT_EQ(value_of(*db_, "SELECT min(abs(absolute_return_pct)) < 5 FROM pick_checkpoint_metrics"), "t");
  EXPECT_EQ(value_of(*db_, "SELECT max(abs(absolute_return_pct)) < 25 FROM pick_checkpoint_metrics"), "t");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(Splits, TheLedgerSaysWhatWasMadeOfWhichClose) {
  FakePrices prices;
  prices.set("AAPL", Date(2025, 3, 4), "250");
  prices.set("AAPL", Date(2025, 3, 5), "25.5");
  note(split("AAPL", "2025-03-05", "10"));
  make(prices);
  due(prices);
  EXPECT_EQ(events("split_applied"), "AAPL AAPL 2025-03-05 10 hand 25.5 255") << "once, of the first day";
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT (s.output->'prices'->0) - 'because' FROM ops.steps s JOIN ops.runs r ON r.id = s.run_id WHERE "
          "r.slot LIKE '%:3' AND s.name = 'compute_checkpoint'"),
      R"({"price": "255.0", "ratio": "10", "symbol": "AAPL", "ticker": "AAPL", "raw_close": "25.5"})");
  EXPECT_THAT(notes(),
              ElementsAre("AAPL split on 2025-03-05, 10 new shares for one: its prices are those of the "
                          "baseline's shares"));
  again(prices);
  EXPECT_EQ(events("split_applied"), "AAPL AAPL 2025-03-05 10 hand 25.5 255")
      << "nor again when it is forced";
}

TEST_F(Splits, WhatNobodyExplainsIsStoredAndMarkedUntilItIsTold) {
  const std::string expected = adjusted_figures();
  FakePrices prices;
  trade(prices, {split("AAPL", "2025-03-05", "10")});
  make(prices);
  const DueResult all = due(prices);
  EXPECT_THAT(all.failures, IsEmpty());
  EXPECT_EQ(all.days.size(), 14U);
  ASSERT_EQ(all.days[2].unexplained.size(), 1U);
  EXPECT_EQ(all.days[2].unexplained[0].symbol, "AAPL");
  EXPECT_THAT(all.days[3].unexplained, IsEmpty()) << "told once";
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'unexplained_move'"), "1");
  EXPECT_THAT(doubts(), ElementsAre(HasSubstr("which no known split explains")));
  EXPECT_THAT(findings(), IsEmpty()) << "nothing is known that it contradicts";
  EXPECT_THAT(log_, HasSubstr("am actions add AAPL 2025-03-05 --split"));

  note(split("AAPL", "2025-03-05", "10"));
  EXPECT_THAT(doubts(), ElementsAre(HasSubstr("the split that is known is not in the prices")));
  EXPECT_THAT(notes(),
              ElementsAre("AAPL split on 2025-03-05, 10 new shares for one: its prices do not have it yet"));
  EXPECT_EQ(findings().size(), 8U) << "the sessions since";
  const DueResult repaired = again(prices);
  EXPECT_THAT(repaired.failures, IsEmpty());
  EXPECT_EQ(figures(), expected);
  EXPECT_THAT(doubts(), IsEmpty());
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(value_of(*db_, "SELECT status FROM batches"), "completed");
}

TEST_F(Splits, WhatIsNotSoIsFound) {
  FakePrices prices;
  trade(prices, {split("AAPL", "2025-03-05", "10")});
  note(split("AAPL", "2025-03-05", "10"));
  make(prices);
  due(prices);
  db_->query(
      "UPDATE pick_checkpoint_metrics SET current_price = current_price * 2 FROM picks p WHERE p.id = pick_id AND ticker "
      "= 'AAPL' AND checkpoint_id = (SELECT id FROM checkpoints WHERE checkpoint_date = '2025-03-06')");
  EXPECT_THAT(findings(),
              testing::Contains(HasSubstr("2025-03-06 AAPL: close in market.daily_closes \u00d7 10")));
}

TEST_F(Splits, ARealMoveStaysOnceAPersonSaysSo) {
  FakePrices prices;
  prices.set("XOM", Date(2025, 3, 4), "100");
  for (Date day(2025, 3, 5); day <= kSplitMonday + 14; day = day + 1) {
    if (market::is_session(day)) prices.set("XOM", day, "40");
  }
  make(prices);
  due(prices);
  const std::string before = figures();
  EXPECT_EQ(doubts().size(), 2U) << "up to 100 on the second day, down to 40 on the third";
  note(split("XOM", "2025-03-05", "1"));
  note(split("XOM", "2025-03-04", "1"));
  EXPECT_THAT(doubts(), IsEmpty());
  EXPECT_THAT(findings(), IsEmpty());
  again(prices);
  EXPECT_EQ(figures(), before);
  EXPECT_EQ(events("split_applied"), "");
}

TEST_F(Splits, ARenamedShareGoesOnUnderItsNewSymbol) {
  FakePrices prices;
  for (Date day = kSplitMonday; day <= kSplitMonday + 14; day = day + 1) {
    if (!market::is_session(day)) continue;
    prices.set("NEW", day, "150");
    if (day >= Date(2025, 3, 5)) prices.hide("MSFT", day);
  }
  note({.symbol = "MSFT",
        .day = Date(2025, 3, 5),
        .kind = ActionKind::rename,
        .new_symbol = "NEW",
        .source = "hand"});
  make(prices);
  due(prices, "2025-03-05T14:30:00Z");
  prices.fail("MSFT", Error(ErrorKind::data, "fake: MSFT: unknown symbol"));
  EXPECT_THAT(due(prices).failures, IsEmpty());
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT string_agg(DISTINCT current_price::text, ' ') FROM pick_checkpoint_metrics m JOIN picks p ON "
          "p.id = m.pick_id JOIN checkpoints c ON c.id = m.checkpoint_id WHERE ticker = 'MSFT' AND "
          "checkpoint_date >= '2025-03-05'"),
      "150");
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT count(*) FROM ops.events WHERE kind = 'rename_followed' AND data->>'new_symbol' = 'NEW'"),
      "1");
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(notes(), ElementsAre("MSFT goes on as NEW"));
}

TEST_F(Splits, AnEndedListingKeepsItsPriceToTheLastDay) {
  FakePrices prices;
  note({.symbol = "MSFT",
        .day = Date(2025, 3, 6),
        .kind = ActionKind::delisted,
        .price = Decimal::of("400.25"),
        .source = "hand"});
  make(prices);
  due(prices, "2025-03-06T14:30:00Z");
  prices.fail("MSFT", Error(ErrorKind::data, "fake: MSFT: unknown symbol"));
  EXPECT_THAT(due(prices).failures, IsEmpty());
  EXPECT_EQ(
      value_of(*db_,
               "SELECT count(*) || ' ' || min(current_price) || ' ' || max(current_price) FROM "
               "pick_checkpoint_metrics m JOIN picks p ON p.id = m.pick_id JOIN checkpoints c ON c.id = "
               "m.checkpoint_id WHERE ticker = 'MSFT' AND checkpoint_date >= '2025-03-06'"),
      "7 400.25 400.25");
  EXPECT_EQ(value_of(*db_, "SELECT status FROM batches"), "completed");
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'listing_ended'"), "1");
  EXPECT_THAT(doubts(), IsEmpty()) << "it was bought for much more: that is what the action says";
  EXPECT_THAT(notes(), ElementsAre("MSFT is not traded any more since 2025-03-06: its price stays 400.25"));
  EXPECT_THAT(findings(), IsEmpty());
  db_->query(
      "UPDATE pick_checkpoint_metrics SET current_price = 401 WHERE current_price = 400.25 AND id = (SELECT min(id::text) "
      "FROM pick_checkpoint_metrics WHERE current_price = 400.25)::uuid");
  EXPECT_THAT(findings(), testing::Contains(HasSubstr("price that its listing ended with")));
}

TEST_F(Splits, TheVendorIsAskedOnceForASymbolAndDay) {
  FakePrices prices;
  trade(prices, {split("AAPL", "2025-03-11", "10")});
  prices.set("XOM", Date(2025, 3, 11), "9");
  prices.tell_splits({split("AAPL", "2025-03-11", "10", "fake"), split("AAPL", "2001-01-02", "2", "fake")});
  make(prices);
  make(prices, kSplitMonday + 7);
  EXPECT_THAT(due(prices).failures, IsEmpty());
  EXPECT_EQ(prices.calls("splits AAPL"), 1) << "two batches hold it";
  EXPECT_EQ(prices.calls("splits XOM"), 2) << "down and up again: two moves, of which it knows nothing";
  EXPECT_EQ(events("split_applied").find("AAPL AAPL 2025-03-11 10 fake"), 0U);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'split_applied'"), "2")
      << "a batch each";
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM market.corporate_actions"), "2") << "all that it said";
  again(prices);
  EXPECT_EQ(prices.calls("splits XOM"), 2);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(doubts().size(), 4U) << "XOM, in either batch";
}

TEST_F(Splits, AVendorThatCannotBeAskedIsNoReasonToHaveNoFigures) {
  for (const ErrorKind kind :
       {ErrorKind::data, ErrorKind::deferred, ErrorKind::unavailable, ErrorKind::denied}) {
    FakePrices prices;
    trade(prices, {split("AAPL", "2025-03-05", "10")});
    prices.tell_splits({split("AAPL", "2025-03-05", "10", "fake")});
    prices.fail("splits AAPL", Error(kind, "fake: no answer"));
    make(prices);
    const DueResult all = due(prices);
    EXPECT_THAT(all.failures, IsEmpty());
    EXPECT_EQ(all.days.size(), 14U);
    EXPECT_EQ(doubts().size(), 1U);
    EXPECT_THAT(log_, HasSubstr("its splits could not be asked for"));
    prices.heal();
    again(prices);
    EXPECT_THAT(doubts(), IsEmpty()) << "it is asked again when the day is";
    EXPECT_THAT(findings(), IsEmpty());
    test::empty_picks(*db_);
  }
}

TEST_F(Splits, ASourceThatAdjustsItsAnswersIsOnANewBasisAfterTheSplit) {
  const std::string expected = adjusted_figures();
  FakePrices prices("stooq");
  prices.adjust(market::Adjustment::at_fetch);
  make(prices);
  // The baseline was fetched before the split, everything else after it, when the source's whole history was on the new
  // basis.
  db_->query("UPDATE market.daily_closes SET fetched_at = '2025-03-03T15:00:00Z'");
  for (Date day = kSplitMonday; day <= kSplitMonday + 14; day = day + 1) {
    if (market::is_session(day))
      prices.set("AAPL", day, (Decimal::of(made_up_close("AAPL", day)) / Decimal(10)).to_string());
  }
  note(split("AAPL", "2025-03-12", "10"));
  EXPECT_THAT(due(prices).failures, IsEmpty());
  EXPECT_EQ(figures(), expected) << "also of the days before the split";
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(doubts(), IsEmpty());
}

TEST_F(Splits, AHistoryThatIsAdjustedAsAWholeIsTakenAsItIs) {
  FakePrices prices;
  prices.adjust(market::Adjustment::whole);
  prices.set("AAPL", Date(2025, 3, 5), "9");
  note(split("AAPL", "2025-03-05", "10"));
  make(prices);
  due(prices);
  EXPECT_EQ(value_of(*db_, "SELECT min(current_price) FROM pick_checkpoint_metrics"), "9");
  EXPECT_EQ(events("split_applied") + events("unexplained_move"), "");
}

TEST_F(Splits, TheReportsClosesAreOnOneBasis) {
  for (const std::string source : {"fake", "stooq"}) {
    FakePrices prices(source);
    const bool adjusts = source == "stooq";
    if (adjusts) prices.adjust(market::Adjustment::at_fetch);
    make(prices);
    if (adjusts) db_->query("UPDATE market.daily_closes SET fetched_at = '2025-03-03T15:00:00Z'");
    for (Date day = kSplitMonday; day <= kSplitMonday + 14; day = day + 1) {
      const bool after = adjusts || day >= Date(2025, 3, 5);
      if (market::is_session(day) && after)
        prices.set("AAPL", day, (Decimal::of(made_up_close("AAPL", day)) / Decimal(10)).to_string());
    }
    note(split("AAPL", "2025-03-05", "10"));
    due(prices);
    const SourceCloses closes =
        read_closes(wanted_closes(read_histories(*db_, {})).front(), {},
                    [&](const kernel::Statement& ask) { return db_->query(ask.sql, ask.values); });
    const std::vector<market::Close>& all = closes.closes.at("AAPL").closes;
    EXPECT_GT(all.size(), 50U);
    for (const market::Close& close : all)
      EXPECT_EQ(close.close, Decimal::of(made_up_close("AAPL", close.day)))
          << source << " " << close.day.to_string();
    test::empty_picks(*db_);
  }
}

TEST_F(Splits, TwoProcessesRecordASplitOnce) {
  FakePrices prices;
  trade(prices, {split("AAPL", "2025-03-05", "10")});
  note(split("AAPL", "2025-03-05", "10"));
  make(prices);
  due(prices, "2025-03-05T14:30:00Z");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      TestDesk process(home_, kMuchLater);
      Workbench desk = process.add(prices).desk();
      for (int day = 3; day <= 5; ++day) {
        try {
          run_checkpoint(desk, *find_batch(*process.db, kSplitMonday), day, {true, {}, false});
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::busy) << error.what();
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'split_applied'"), "1");
  EXPECT_THAT(doubts(), IsEmpty());
}

/// A csv: directory of its own.
class SplitFiles : public Splits {
 protected:
  SplitFiles() {
    fs::create_directory(directory_);
    std::ifstream in(AM_SOURCE_DIR "/tests/fixtures/splits/closes.csv");
    std::ostringstream text;
    text << in.rdbuf();
    raw_ = text.str();
    write("closes.csv", raw_);
  }
  ~SplitFiles() override { fs::remove_all(directory_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  /// KO's closes from the split's day on times ten.
  std::string adjusted() const {
    std::istringstream in(raw_);
    std::string out;
    for (std::string line; std::getline(in, line);) {
      if (line >= "2026-10-07" && line.front() == '2') {
        const std::size_t ko = line.find(',', 11) + 1;
        const std::size_t end = line.find(',', ko);
        line.replace(ko, end - ko, (Decimal::of(line.substr(ko, end - ko)) * Decimal(10)).to_string());
      }
      out += line + "\n";
    }
    return out;
  }
  /// The batch of 2026-10-05, measured to its end.
  void run() {
    market::CsvMarket market(directory_);
    TestDesk process(home_, "2026-10-20T14:00:00Z");
    Workbench desk = process.add(market).desk();
    FakePicker picker({"KO", "IBM", "T"});
    WeeklyOptions options;
    options.run_date = Date(2026, 10, 5);
    options.price_source = market.source();
    options.origin = "backfill";
    run_weekly(desk, picker, options);
    EXPECT_THAT(run_due(desk, active_batches(*process.db), {}).failures, IsEmpty());
  }
  void run_force() {
    market::CsvMarket market(directory_);
    TestDesk process(home_, "2026-10-20T14:00:00Z");
    Workbench desk = process.add(market).desk();
    EXPECT_THAT(run_again(desk, *find_batch(*process.db, Date(2026, 10, 5)), {true, {}, false}).failures,
                IsEmpty());
  }
  std::string expected() {
    write("closes.csv", adjusted());
    run();
    std::string all = figures();
    EXPECT_THAT(doubts(), IsEmpty());
    test::empty_picks(*db_);
    write("closes.csv", raw_);
    return all;
  }

  fs::path directory_ = fs::temp_directory_path() / ("am-splits-" + std::to_string(::getpid()));
  std::string raw_;
};

TEST_F(SplitFiles, SplitsCsvGivesTheFiguresOfTheAdjustedFile) {
  const std::string figures_adjusted = expected();
  write("splits.csv", "symbol,day,ratio\nKO,2026-10-07,10\n");
  run();
  EXPECT_EQ(figures(), figures_adjusted);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(doubts(), IsEmpty());
  EXPECT_EQ(value_of(*db_,
                     "SELECT concat_ws(' ', symbol, day, kind, ratio, source LIKE 'csv:%') FROM "
                     "market.corporate_actions"),
            "KO 2026-10-07 split 10 t");
  EXPECT_THAT(events("split_applied"), HasSubstr("KO KO 2026-10-07 10 csv:"));
  db_->query("UPDATE market.corporate_actions SET ratio = 5");
  EXPECT_EQ(findings().size(), 8U) << "each session since, by the close that the ledger keeps";
}

TEST_F(SplitFiles, WithoutItTheBatchIsMarkedUntilAPersonSaysWhatItWas) {
  const std::string figures_adjusted = expected();
  run();
  EXPECT_NE(figures(), figures_adjusted);
  EXPECT_THAT(doubts(),
              ElementsAre("KO moved from 102.4000 (2026-10-06) to 10.2500 (2026-10-07), which no known split "
                          "explains"));
  note(split("KO", "2026-10-07", "10"));
  EXPECT_EQ(findings().size(), 8U);
  run_force();
  EXPECT_EQ(figures(), figures_adjusted);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(doubts(), IsEmpty());
}

TEST_F(SplitFiles, AnAdjustedMarketIsTakenAsItIs) {
  const std::string figures_adjusted = expected();
  write("closes.csv", adjusted());
  write("market.toml", "adjusted = true\n");
  note(split("KO", "2026-10-07", "10"));
  run();
  EXPECT_EQ(figures(), figures_adjusted);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(doubts(), IsEmpty());
  test::empty_picks(*db_);
  write("closes.csv", raw_);
  run();
  EXPECT_THAT(doubts(), IsEmpty()) << "who says adjusted says that every move is real";
}

}  // namespace
}  // namespace am::picks
