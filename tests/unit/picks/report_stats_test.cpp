#include <gtest/gtest.h>

#include "am/picks/report_text.hpp"
#include "report_fixture.hpp"

namespace am::picks {
namespace {

const Date kFirstMonday(2000, 1, 10);

Report report_of(const std::vector<BatchHistory>& histories, const ClosesOf& closes = {}) {
  return make_report(histories, std::nullopt, closes);
}

TEST(Report, OfNothingIsEmpty) {
  const Report report = report_of({});
  EXPECT_TRUE(report.batches.empty());
  EXPECT_TRUE(report.groups.empty());
}

TEST(Report, TakesABatchFromItsLatestComputedDay) {
  BatchHistory history = history_of(kFirstMonday);
  add_day(history, 1, "1010", {"101", "100", "100"});
  add_day(history, 12, "1020", {"110", "99", "90"});
  skip_day(history, 13);
  skip_day(history, 14);
  const Report report = report_of({history});
  const BatchLine& line = report.batches.at(0);
  EXPECT_EQ(line.computed, 2);
  EXPECT_EQ(line.skipped, 2);
  EXPECT_EQ(line.latest, Date(2000, 1, 21));
  EXPECT_EQ(line.latest_day(), 12);
  EXPECT_EQ(line.benchmark_return_pct, Decimal(2));
  EXPECT_EQ(line.picks[0].excess_pct, Decimal(8));
  EXPECT_EQ(line.picks[1].directional_excess_pct, Decimal(-3));
  EXPECT_EQ(line.picks[2].return_pct, Decimal(-10));
  EXPECT_EQ(line.picks[2].directional_return_pct, Decimal(10));
  EXPECT_EQ(line.picks[2].directional_excess_pct, Decimal(12)) << "a SELL earns the benchmark's lead";
  EXPECT_EQ(line.picks[0].directional_benchmark_pct, Decimal(2));
  EXPECT_EQ(line.picks[2].directional_benchmark_pct, Decimal(-2)) << "same side";
  EXPECT_EQ(line.mean_return_pct, Decimal::of("19") / Decimal(3));
  EXPECT_EQ(line.mean_benchmark_pct, Decimal::of("2") / Decimal(3));
  EXPECT_EQ(line.mean_excess_pct, Decimal::of("17") / Decimal(3));

  const GroupLine& group = report.groups.at(0);
  EXPECT_EQ(group.complete, 1);
  EXPECT_EQ(group.picks, 3);
  EXPECT_EQ(group.hit_rate_pct, Decimal(200) / Decimal(3));
  EXPECT_EQ(group.mean_benchmark_pct, Decimal::of("2") / Decimal(3));
  EXPECT_FALSE(group.judgement.every_week);
  EXPECT_EQ(group.judgement.mean_pct, group.market.mean_pct) << "no closes: every beta is 1";
  EXPECT_EQ(group.without_beta, 3);
  EXPECT_EQ(group.judged_picks, 3);
  EXPECT_FALSE(group.control.percentile);
  EXPECT_EQ(group.control.none, "no universe is stated");
  EXPECT_EQ(group.buy.picks, 2);
  EXPECT_EQ(group.buy.mean_excess_pct, Decimal::of("2.5"));
  EXPECT_EQ(group.buy.hit_rate_pct, Decimal(50));
  EXPECT_EQ(group.sell.mean_return_pct, Decimal(10));
  ASSERT_EQ(group.days.size(), 14U);
  EXPECT_EQ(group.days[0].mean_excess_pct, Decimal(0)) << "0, -1 and, sold, +1";
  EXPECT_EQ(group.days[1].batches, 0);
  EXPECT_EQ(group.days[11].batches, 1);
  EXPECT_EQ(group.answer, "none yet: 2 of the 10 weeks that are the least");
}

TEST(Report, LeavesRunningBatchesOutOfTheFiguresOverAll) {
  BatchHistory done = history_of(kFirstMonday);
  add_day(done, 1, "1000", {"101", "101", "99"});
  BatchHistory running = history_of(kFirstMonday + 7);
  running.batch.status = "active";
  add_day(running, 1, "1000", {"150", "150", "50"});
  BatchHistory empty = history_of(kFirstMonday + 14);
  empty.batch.status = "failed";
  const GroupLine group = report_of({done, running, empty}).groups.at(0);
  EXPECT_EQ(group.batches, 3);
  EXPECT_EQ(group.failed, 1);
  EXPECT_EQ(group.complete, 1);
  EXPECT_EQ(group.mean_excess_pct, Decimal(1));
  EXPECT_EQ(group.days[0].batches, 2) << "by day every batch counts that has computed it";
  EXPECT_EQ(group.waiting, 2) << "both weeks of the running one; a failed one is not waited for";
  EXPECT_EQ(report_of({running}).groups.at(0).answer, "none yet: 0 of the 10 weeks that are the least");
}

TEST(Report, NeverMixesPickersModelsOrOrigins) {
  std::vector<BatchHistory> histories;
  for (int i = 0; i < 4; ++i) {
    histories.push_back(history_of(kFirstMonday + 7 * i, i == 1 ? "openai" : "momentum"));
    if (i == 2) histories.back().batch.origin = "live";
    if (i == 3) histories.back().batch.model = "m2";
    add_day(histories.back(), 1, "1000", {"101", "101", "99"});
  }
  const Report report = report_of(histories);
  ASSERT_EQ(report.groups.size(), 4U);
  for (const GroupLine& group : report.groups) EXPECT_EQ(group.batches, 1);
}

TEST(Report, AGroupThatChangesIsTwoAndSaysFromWhen) {
  std::vector<BatchHistory> histories;
  for (int i = 0; i < 4; ++i) {
    histories.push_back(history_of(kFirstMonday + 7 * i, "openai"));
    histories.back().batch.model = "m";
    histories.back().batch.served_model = i < 3 ? "m-1" : "m-2";
    histories.back().batch.template_hash = i == 0 ? "ffffffffff" : "0123456789";
  }
  const Report report = report_of(histories);
  ASSERT_EQ(report.groups.size(), 3U);
  EXPECT_EQ(report.groups[0].name, "openai m (m-1), template ffffffff, from 2000-01-10");
  EXPECT_EQ(report.groups[1].name, "openai m (m-1), template 01234567, from 2000-01-17");
  EXPECT_EQ(report.groups[2].name, "openai m (m-2), from 2000-01-31");
  EXPECT_EQ(report.groups[1].batches, 2);
  EXPECT_EQ(report_of({histories[3]}).groups[0].name, "openai m (m-2)") << "alone there is nothing to tell";
}

TEST(Report, AnExcessOfZeroIsNoHit) {
  std::vector<BatchHistory> histories{history_of(kFirstMonday)};
  add_day(histories.back(), 14, "1010", {"101", "102", "102"});
  const GroupLine group = report_of(histories).groups.at(0);
  EXPECT_EQ(group.hit_rate_pct, Decimal(100) / Decimal(3));
  EXPECT_EQ(group.buy.hit_rate_pct, Decimal(50));
  EXPECT_EQ(group.buy.mean_return_pct, Decimal::of("1.5"));
  EXPECT_EQ(group.sell.hit_rate_pct, Decimal(0));
  EXPECT_EQ(group.sell.mean_return_pct, Decimal(-2));
}

/// Each batch earns this and one more or less in turn, in its second week.
std::vector<BatchHistory> steady(int step, int batches) {
  std::vector<BatchHistory> histories;
  for (int i = 0; i < batches; ++i) {
    histories.push_back(history_of(kFirstMonday + 7 * i));
    const std::string price = std::to_string(100 + step + (i % 2 == 0 ? 1 : -1));
    add_day(histories.back(), 12, "1000", {price, price, "100"});
  }
  return histories;
}

TEST(Report, AnswersWithCare) {
  const auto answer = [](int step, int batches) {
    return report_of(steady(step, batches)).groups.at(0).answer;
  };
  EXPECT_TRUE(answer(0, 20).starts_with("no verdict yet: 0.00 % per batch, 95 % interval -"))
      << answer(0, 20);
  EXPECT_TRUE(answer(9, 20).starts_with("evidence of alpha: +6.00 % per batch, 95 % interval +"))
      << answer(9, 20);
  EXPECT_TRUE(answer(9, 20).ends_with(" however often it is read"));
  EXPECT_TRUE(answer(-9, 20).starts_with("evidence that the picks lose: -6.00 %")) << answer(-9, 20);
  EXPECT_EQ(answer(9, 8), "none yet: 9 of the 10 weeks that are the least");
  EXPECT_FALSE(answer(9, 9).starts_with("none yet")) << answer(9, 9);
}

TEST(Report, AChosenRangeHasFiguresAndNoVerdict) {
  const Report report = make_report(steady(9, 20), DateRange{kFirstMonday, kFirstMonday + 200}, {});
  const GroupLine& group = report.groups.at(0);
  EXPECT_EQ(group.verdict, "not for a range: a chosen range is a chosen result");
  EXPECT_TRUE(group.answer.starts_with(group.verdict + "; +6.00 % per batch, 95 % interval +"))
      << group.answer;
  EXPECT_TRUE(group.judgement.every_week);
  EXPECT_FALSE(render_table(report).find(" decides") != std::string::npos);
}

TEST(Report, AnEarlierVerdictIsSaid) {
  std::vector<BatchHistory> histories = steady(9, 12);
  for (int i = 12; i < 40; ++i) {
    histories.push_back(history_of(kFirstMonday + 7 * i));
    const std::string price = std::to_string(100 + (i % 2 == 0 ? 25 : -28));
    add_day(histories.back(), 12, "1000", {price, price, "100"});
  }
  const GroupLine group = report_of(histories).groups.at(0);
  EXPECT_TRUE(group.verdict.starts_with("no verdict yet; the week of 2000-")) << group.verdict;
  EXPECT_TRUE(group.answer.starts_with("no verdict yet: ")) << group.answer;
  EXPECT_TRUE(group.answer.find(" however often it is read; the week of 2000-") != std::string::npos)
      << group.answer;
}

TEST(Report, SaysWhatTheAnswersTook) {
  const std::vector<BatchHistory> histories = steady(1, 3);
  const BatchUsage one{"m", 1, true, 1000, 400, 200};
  ReportCosts costs{{{histories[0].batch.id, one}, {histories[2].batch.id, one}},
                    TokenPrices::of("2.5,1.25,10", "m")};
  const Report priced = make_report(histories, {}, {}, costs);
  // 600 at 2.5, 400 at 1.25 and 200 at 10 dollars a million.
  EXPECT_EQ(priced.batches[0].cost_usd, Decimal::of("0.004"));
  EXPECT_FALSE(priced.batches[1].usage);
  EXPECT_EQ(priced.groups[0].cost_usd, Decimal::of("0.008"));
  EXPECT_NE(
      render_table(priced).find(
          "  tokens                  2400   2000 in, 800 of them cached, 400 out, for 2 batches; 0.0080 dollars"),
      std::string::npos)
      << render_table(priced);
  EXPECT_NE(render_json(priced).find(R"("usage":{"answers":2,"prompt_tokens":2000,"cached_tokens":800,)"
                                     R"("completion_tokens":400,"cost_usd":"0.008"})"),
            std::string::npos);
  costs.prices.reset();
  EXPECT_NE(render_table(make_report(histories, {}, {}, costs)).find("for 2 batches; unpriced"),
            std::string::npos);
  EXPECT_EQ(render_table(report_of(histories)).find("tokens"), std::string::npos) << "nobody was paid";
}

TEST(Report, ImportsAfterTheirMondayCanBeHindsight) {
  std::vector<BatchHistory> histories = steady(1, 2);
  histories[0].batch.imported_at = parse_rfc3339("2026-01-02T00:00:00Z");
  EXPECT_NE(counts_text(report_of(histories).groups[0])
                .find("; 1 imported after their Monday, which can be hindsight"),
            std::string::npos)
      << counts_text(report_of(histories).groups[0]);
}

}  // namespace
}  // namespace am::picks
