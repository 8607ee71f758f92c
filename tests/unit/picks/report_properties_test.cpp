// What has to hold of any report, on the 50 Mondays of 2000.

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/picks/report.hpp"
#include "year2000_fixture.hpp"

namespace am::picks {
namespace {

Report report_on(const Year2000& year) {
  SourceCloses closes;
  closes.universe = market::Universe{.name = "DJIA", .as_of = {}, .symbols = year.symbols};
  closes.closes = year.closes;
  return make_report(year.histories, std::nullopt,
                     [&](const std::string&) -> const SourceCloses& { return closes; });
}

nlohmann::json figures_of(const Report& report) {
  return nlohmann::json::parse(render_json(report))["groups"];
}

TEST(ReportOf2000, BoughtForSoldIsItsMirrorImage) {
  Year2000 year = year_2000();
  const GroupLine before = report_on(year).groups.at(0);
  for (BatchHistory& history : year.histories) {
    for (StoredPick& stored : history.batch.picks)
      stored.pick.action = stored.pick.action == Action::buy ? Action::sell : Action::buy;
  }
  const GroupLine after = report_on(year).groups.at(0);
  EXPECT_EQ(*after.judgement.mean_pct, -*before.judgement.mean_pct);
  EXPECT_EQ(*after.mean_excess_pct, -*before.mean_excess_pct);
  EXPECT_DOUBLE_EQ(after.judgement.log_e, before.judgement.log_e);
  EXPECT_EQ(*after.control.percentile, Decimal(100) - *before.control.percentile);
  EXPECT_EQ(after.picks_kept, before.picks_kept);
}

TEST(ReportOf2000, NamesOfRowsChangeNothing) {
  Year2000 year = year_2000();
  const nlohmann::json before = figures_of(report_on(year));
  int number = 1000;
  for (BatchHistory& history : year.histories) {
    history.batch.id = "z" + std::to_string(--number);
    for (StoredPick& stored : history.batch.picks) {
      const std::string id =
          "y" + std::to_string(number) + std::string(stored.pick.ticker.rbegin(), stored.pick.ticker.rend());
      for (Checkpoint& day : history.days) {
        for (Metric& metric : day.metrics) {
          if (metric.pick_id == stored.id) metric.pick_id = id;
        }
      }
      stored.id = id;
    }
  }
  EXPECT_EQ(figures_of(report_on(year)), before);
}

TEST(ReportOf2000, ALaterBatchChangesNoEarlierWeek) {
  Year2000 year = year_2000();
  const std::vector<WeekLine> whole = report_on(year).groups.at(0).weeks;
  year.histories.resize(30);
  const std::vector<WeekLine> part = report_on(year).groups.at(0).weeks;
  ASSERT_EQ(part.size(), 31U);
  for (std::size_t i = 0; i + 1 < part.size(); ++i) {  // in the last one the next batch begins
    EXPECT_EQ(part[i].monday, whole[i].monday);
    EXPECT_EQ(part[i].log_e, whole[i].log_e) << part[i].monday.to_string();
    EXPECT_EQ(part[i].mean_pct, whole[i].mean_pct);
  }
}

TEST(ReportOf2000, TheScaleOfAPriceIsNothing) {
  const Year2000 year = year_2000();
  Year2000 scaled = year;
  for (market::Close& close : scaled.closes.at("MO").closes) close.close = close.close * Decimal(8);
  for (std::size_t i = 0; i < year.histories.size(); ++i) {
    std::vector<Pick> picks;
    for (const StoredPick& stored : year.histories[i].batch.picks) picks.push_back(stored.pick);
    scaled.histories[i] = measured_batch(year.histories[i].batch.run_date, picks, scaled.closes);
  }
  EXPECT_EQ(figures_of(report_on(scaled)), figures_of(report_on(year)));
}

TEST(ReportOf2000, TheWeeksAddUpToTheBatches) {
  const GroupLine group = report_on(year_2000()).groups.at(0);
  EXPECT_EQ(group.market.mean_pct->to_fixed(10), group.mean_excess_pct->to_fixed(10));
  EXPECT_EQ((*group.mean_return_pct - *group.mean_benchmark_pct).to_fixed(20),
            group.mean_excess_pct->to_fixed(20));
}

TEST(ReportOf2000, AControlThatLagsOrKnewTooMuchSaysSo) {
  const Year2000 year = year_2000();
  SourceCloses closes;
  closes.universe = market::Universe{
      .name = "DJIA", .as_of = Date(2000, 2, 1), .symbols = year.symbols, .sha256 = "0123456789abcdef"};
  closes.closes = year.closes;
  std::set<std::string> picked{"SPX"};
  for (const BatchHistory& history : year.histories) {
    for (const StoredPick& stored : history.batch.picks) picked.insert(stored.pick.ticker);
  }
  for (auto& [symbol, series] : closes.closes) {
    if (!picked.contains(symbol))
      std::erase_if(series.closes, [](const market::Close& close) { return close.day > Date(2000, 9, 4); });
  }
  const Report report = make_report(year.histories, std::nullopt,
                                    [&](const std::string&) -> const SourceCloses& { return closes; });
  const ControlLine& control = report.groups.at(0).control;
  EXPECT_TRUE(control.percentile && control.lags && control.hindsight);
  EXPECT_EQ(control.through, Date(2000, 8, 28));
  EXPECT_EQ(report.groups.at(0).judgement.tally.weeks, 51) << "no verdict waits for it";
  const std::string table = render_table(report);
  EXPECT_NE(table.find(", through\n"), table.npos) << table;
  EXPECT_NE(table.find("2000-08-28; chosen with hindsight since 2000-01-10\n"), table.npos) << table;
  EXPECT_NE(table.find("DJIA as of 2000-02-01, SHA-256 01234567; 1 move above a quarter\n"), table.npos)
      << table;
}

TEST(ReportOf2000, SaysWhyThereIsNoControl) {
  Year2000 year = year_2000();
  const auto none_of = [&](const SourceCloses& closes) {
    return make_report(year.histories, std::nullopt,
                       [&](const std::string&) -> const SourceCloses& { return closes; })
        .groups.at(0)
        .control.none;
  };
  SourceCloses closes;
  EXPECT_EQ(none_of(closes), "no universe is stated");
  closes.problem = "gone";
  EXPECT_EQ(none_of(closes), "the universe cannot be read");
  closes.universe = market::Universe{.name = "few", .as_of = {}, .symbols = {"MO", "T"}};
  EXPECT_EQ(none_of(closes), "under 20 symbols with closes in 10 weeks");
  year.histories[7].batch.price_source = "stooq";
  EXPECT_EQ(none_of(closes), "the batches have several price sources");
  year.histories.resize(5);
  EXPECT_EQ(none_of(closes), "under 10 weeks");
}

TEST(ReportOf2000, TwoPickersOnTheSameClosesAreALeague) {
  Year2000 year = year_2000();
  EXPECT_TRUE(report_on(year).leagues.empty());
  for (std::size_t i = 0; i < 50; ++i) {
    BatchHistory contrary = year.histories[i];
    contrary.batch.id += "contrary";
    contrary.batch.picker = "contrary";
    for (StoredPick& stored : contrary.batch.picks)
      stored.pick.action = stored.pick.action == Action::buy ? Action::sell : Action::buy;
    year.histories.push_back(std::move(contrary));
  }
  const Report report = report_on(year);
  ASSERT_EQ(report.leagues.size(), 1U);
  EXPECT_EQ(report.groups[report.leagues[0].groups[report.leagues[0].league.leader]].key.picker, "contrary");
  const std::string table = render_table(report);
  EXPECT_NE(
      table.find(
          "league of 2 on csv:/market, 51 weeks in common: (contrary, backfill) leads, +0.97 % per batch"),
      table.npos)
      << table;
  EXPECT_NE(table.find("; tie with it:"), table.npos);
  EXPECT_EQ(nlohmann::json::parse(render_json(report))["leagues"].size(), 1U);
  EXPECT_NE(render_html(report).find("Who is ahead?"), std::string::npos);
}

}  // namespace
}  // namespace am::picks
