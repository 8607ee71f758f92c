// The verdict on the 50 Mondays of 2000: momentum over the bundled market, to the digits that were computed independently.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "am/picks/figures.hpp"
#include "am/picks/relabel.hpp"
#include "year2000_fixture.hpp"

namespace am::picks {
namespace {

std::string text_of(__int128_t value) {
  std::string digits;
  for (__int128_t rest = value < 0 ? -value : value; rest > 0 || digits.empty(); rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  return value < 0 ? "-" + digits : digits;
}

class VerdictOf2000 : public testing::Test {
 protected:
  void without_1999() {
    std::erase_if(year.closes["SPX"].closes,
                  [](const market::Close& close) { return close.day < Date(2000, 1, 1); });
  }
  std::vector<Week> weeks() {
    return weekly_series(year.group(),
                         [&](const BatchHistory& history, const std::string& ticker) {
                           return betas.of(ticker, "SPX", history.baseline).value;
                         })
        .weeks;
  }
  std::vector<const Beta*> betas_of_picks() {
    std::vector<const Beta*> all;
    for (const BatchHistory& history : year.histories) {
      for (const StoredPick& stored : history.batch.picks)
        all.push_back(&betas.of(stored.pick.ticker, "SPX", history.baseline));
    }
    std::ranges::sort(all, {}, [](const Beta* beta) { return beta->value; });
    return all;
  }
  NameField field(const std::vector<Week>& of) {
    const std::span<const Week> one(of);
    return *field_of(std::span(&one, 1), year.symbols, year.closes, betas);
  }

  Year2000 year = year_2000();
  Betas betas{year.closes, year.baselines()};
};

TEST_F(VerdictOf2000, BetaAdjusted) {
  const Judgement judgement = judgement_of(weeks());
  EXPECT_EQ(judgement.tally.weeks, 51);
  EXPECT_EQ(judgement.tally.parts, 100);
  EXPECT_EQ(text_of(judgement.tally.sum), "-1457414932952");
  EXPECT_EQ(text_of(judgement.tally.squares), "2250978508342566102488560");
  EXPECT_NEAR(judgement.tally.t(), -0.971398751, 5e-10);
  EXPECT_EQ(judgement.mean_pct->to_fixed(10), "-0.9716099553");
  EXPECT_NEAR(judgement.tally.deviation(), 6.937835, 5e-7);
  EXPECT_NEAR(judgement.log_e, -0.506599331, 5e-10);
  EXPECT_NEAR(std::exp(judgement.log_e), 0.6025, 5e-5);
  EXPECT_EQ(judgement.every_week->low.to_fixed(4), "-4.1700");
  EXPECT_EQ(judgement.every_week->high.to_fixed(4), "2.2268");
  EXPECT_EQ(judgement.today->low.to_fixed(6), "-2.936121");
  EXPECT_EQ(judgement.today->high.to_fixed(6), "0.970729");
  EXPECT_NEAR(std::exp(*judgement.highest_log_e), 1.0761, 5e-5);
  EXPECT_EQ(judgement.highest_week, Date(2000, 11, 6));
  EXPECT_EQ(judgement.patience_weeks, 514);
  EXPECT_EQ(verdict_text(judgement), "no verdict yet");
  EXPECT_EQ(e_value_text(judgement.log_e), "0.60");
  EXPECT_EQ(break_even_bp(*judgement.mean_pct).to_fixed(2), "-48.58");

  const std::vector<const Beta*> all = betas_of_picks();
  EXPECT_EQ(std::ranges::count_if(all, [](const Beta* beta) { return !beta->slope; }), 0);
  EXPECT_EQ(all.front()->value.to_string(), "0.256188");
  EXPECT_EQ(all[74]->value.to_string(), "0.884166");
  EXPECT_EQ(all.back()->value.to_string(), "1.892856");
}

TEST_F(VerdictOf2000, BesideTheBenchmarkAsItIs) {
  const Judgement judgement = judgement_of(weekly_series(year.group(), market_beta).weeks);
  EXPECT_EQ(text_of(judgement.tally.sum), "-1320110086203");
  EXPECT_EQ(text_of(judgement.tally.squares), "2361026645393561653799013");
  EXPECT_NEAR(judgement.tally.t(), -0.859131623, 5e-10);
  EXPECT_EQ(judgement.mean_pct->to_fixed(12), "-0.880073390802");
  EXPECT_NEAR(std::exp(judgement.log_e), 0.5523, 5e-5);
  EXPECT_EQ(judgement.every_week->low.to_fixed(4), "-4.1624");
  EXPECT_EQ(judgement.every_week->high.to_fixed(4), "2.4023");

  // The weeks add up to the batches: the mean is that of the batches' own stored figures.
  Decimal sum;
  for (const BatchHistory& history : year.histories) {
    const auto latest = std::find_if(history.days.rbegin(), history.days.rend(),
                                     [](const Checkpoint& day) { return day.computed; });
    for (std::size_t i = 0; i < 3; ++i)
      sum += directional(history.batch.picks[i].pick.action, latest->metrics[i].vs_benchmark_pct);
  }
  EXPECT_EQ((sum / Decimal(150)).to_fixed(10), judgement.mean_pct->to_fixed(10));
}

TEST_F(VerdictOf2000, AmongOtherNames) {
  const std::vector<Week> of = weeks();
  const NameField names = field(of);
  EXPECT_EQ(names.names.size(), 30U);
  EXPECT_EQ(names.picked.size(), 14U);
  EXPECT_EQ(names.filled, 0);
  EXPECT_EQ(names.big_moves, 3) << "PG, HD and HON: real ones";
  EXPECT_EQ(names.through, Date(2000, 12, 25));
  const Luck luck = luck_of(names, t_of(of));
  EXPECT_EQ(luck.below, 1513);
  EXPECT_EQ(luck.equal, 0);
  EXPECT_EQ(luck.percentile, Decimal::of("15.13"));
  EXPECT_EQ(text_of(luck.first.sum), "-347667563091");
  EXPECT_NEAR(luck.first.t(), -0.300554140, 5e-10);

  Relabelling relabelling(names.names.size(), names.picked.size());
  std::string first;
  const auto drawn = relabelling.next();
  for (std::size_t i = 0; i < drawn.size(); ++i) first += names.picked[i] + ">" + names.names[drawn[i]] + " ";
  EXPECT_EQ(
      first,
      "AA>MO BA>HWP C>GM CAT>GE DIS>INTC GE>DIS HD>MSFT HON>DD HWP>IBM INTC>JPM IP>AXP MO>CAT PG>KO T>BA ");

  // The mean alone, which is not level.
  const __int128_t actual = judgement_of(of).tally.sum;
  Relabelling again(names.names.size(), names.picked.size());
  int below = 0;
  for (int draw = 0; draw < kDraws; ++draw)
    below +=
        relabelled(names.held.front(), names.moves, names.names.size(), again.next()).sum < actual ? 1 : 0;
  EXPECT_EQ(below, 1233);
}

TEST_F(VerdictOf2000, SmallerFigures) {
  EXPECT_EQ(hit_rate_by_chance(year.group(), year.symbols, year.closes)->to_fixed(10), "50.2666666667");
  EXPECT_EQ(picks_kept(year.group())->to_fixed(4), "2.3673");
  Betas at_end(year.closes, {Date(2000, 3, 31)});
  EXPECT_EQ(at_end.of("GE", "SPX", Date(2000, 3, 31)).returns, 89);
  EXPECT_EQ(at_end.of("GE", "SPX", Date(2000, 3, 31)).value.to_string(), "1.128236");
}

struct PickInWeek {
  Date run_date;
  int week;
  std::string ticker;
  std::string since_baseline;
  std::string slope;
  std::string beta;
  Units at_end;
  Units earned;
};

TEST_F(VerdictOf2000, ThreeWeeksPickByPick) {
  const std::vector<PickInWeek> expected{
      {Date(2000, 1, 10), 1, "AA", "-5.4651445227", "0.3949705436", "0.596647", -64452990085, -64452990085},
      {Date(2000, 1, 10), 1, "HWP", "8.3040250098", "1.2866139666", "1.191076", 63473597046, 63473597046},
      {Date(2000, 1, 10), 1, "MO", "2.3676880223", "0.6579902137", "0.771993", -10994801842, -10994801842},
      {Date(2000, 5, 22), 2, "HD", "3.9984396333", "0.8292744907", "0.886183", -4301172582, 68368349625},
      {Date(2000, 5, 22), 2, "INTC", "13.8288824630", "1.6375280749", "1.425019", 67075793992, 40495875587},
      {Date(2000, 5, 22), 2, "MO", "-8.1967213115", "0.4967491738", "0.664499", 115174480980, 126496095833},
      {Date(2000, 5, 29), 1, "GE", "6.4231479581", "1.1439801851", "1.095987", -14697518069, -14697518069},
      {Date(2000, 5, 29), 1, "INTC", "14.1395190176", "1.6495118772", "1.433008", 38195165847, 38195165847},
      {Date(2000, 5, 29), 1, "MO", "-7.9812206573", "0.5182126865", "0.678808", 128697489917, 128697489917},
      {Date(2000, 12, 18), 2, "BA", "1.7415642979", "0.7512748391", "0.834183", 12247093776, 30386022102},
      {Date(2000, 12, 18), 2, "MO", "9.8189237439", "0.0082382958", "0.338826", 96089891310, 8796470675},
      {Date(2000, 12, 18), 2, "T", "-17.6770899809", "1.1307328385", "1.087155", 183506848766, 36761213958}};
  const std::vector<std::pair<Date, Units>> sums{{Date(2000, 1, 10), -11974194881},
                                                 {Date(2000, 5, 29), 387555458740},
                                                 {Date(2000, 12, 25), 75943706735}};
  const std::vector<Week> all = weeks();
  std::size_t at = 0;
  for (const auto& [monday, sum] : sums) {
    const auto week = std::ranges::find(all, monday, &Week::monday);
    ASSERT_NE(week, all.end());
    EXPECT_EQ(week->sum, sum) << monday.to_string();
    for (const Part& part : week->parts) {
      for (std::size_t i = 0; i < part.earned.size(); ++i, ++at) {
        const PickInWeek& want = expected.at(at);
        const StoredPick& stored = part.history->batch.picks[i];
        const Beta& beta = betas.of(stored.pick.ticker, "SPX", part.history->baseline);
        EXPECT_EQ(part.history->batch.run_date, want.run_date);
        EXPECT_EQ(part.week, want.week);
        EXPECT_EQ(stored.pick.ticker, want.ticker);
        EXPECT_EQ(part.to->metrics[i].absolute_return_pct.to_fixed(10), want.since_baseline);
        EXPECT_EQ(beta.slope->to_fixed(10), want.slope);
        EXPECT_EQ(beta.value.to_string(), want.beta);
        EXPECT_EQ(part.earned[i], want.earned) << want.ticker;
        const Decimal excess =
            part.to->metrics[i].absolute_return_pct - beta.value * *part.to->benchmark_return_pct;
        EXPECT_EQ(to_units(directional(stored.pick.action, excess)), want.at_end) << want.ticker;
      }
    }
  }
  EXPECT_EQ(at, expected.size());
  const auto memorial = std::ranges::find(all, Date(2000, 5, 29), &Week::monday);
  EXPECT_EQ(memorial->parts[0].from->date, Date(2000, 5, 26));
  EXPECT_EQ(memorial->parts[0].to->date, Date(2000, 6, 2));
  EXPECT_EQ(memorial->parts[0].from->benchmark_return_pct->to_fixed(10), "-2.0562160708");
  EXPECT_EQ(memorial->parts[0].to->benchmark_return_pct->to_fixed(10), "4.9973390276");
  EXPECT_EQ(memorial->parts[1].to->benchmark_return_pct->to_fixed(10), "7.2016363013");
  EXPECT_EQ(all.back().parts[0].from->benchmark_return_pct->to_fixed(10), "-0.4725125090");
  EXPECT_EQ(all.back().parts[0].to->benchmark_return_pct->to_fixed(10), "0.6195941662");
  EXPECT_EQ(all.front().parts[0].to->benchmark_return_pct->to_fixed(10), "1.6427711625");
}

TEST_F(VerdictOf2000, WithoutTheIndexOf1999) {
  without_1999();
  const std::vector<Week> of = weeks();
  const Judgement judgement = judgement_of(of);
  const std::vector<const Beta*> all = betas_of_picks();
  EXPECT_EQ(std::ranges::count_if(all, [](const Beta* beta) { return !beta->slope; }), 36);
  EXPECT_EQ(text_of(judgement.tally.sum), "-1417001175949");
  EXPECT_EQ(text_of(judgement.tally.squares), "2269790663308228188186431");
  EXPECT_NEAR(judgement.log_e, -0.5316384447, 5e-11);
  EXPECT_EQ(judgement.patience_weeks, 519);
  EXPECT_EQ(luck_of(field(of), t_of(of)).percentile, Decimal::of("15.75"));
  EXPECT_EQ(judgement_of(weekly_series(year.group(), market_beta).weeks).mean_pct->to_fixed(12),
            "-0.880073390802");
}

}  // namespace
}  // namespace am::picks
